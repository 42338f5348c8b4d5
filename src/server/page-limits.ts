import type { Clock } from "../core/clock.ts";
import { headerOf, type Incoming } from "./exchange.ts";

/** How often something may happen: `burst` at once, then `perSecond` again and again. */
export type Rate = { readonly burst: number; readonly perSecond: number };

/** What unsigned visitors may ask for. An address may be shared by an office, a session is not. */
export const rates = {
  pagePerAddress: { burst: 120, perSecond: 5 },
  openPerAddress: { burst: 30, perSecond: 0.5 },
  callPerAddress: { burst: 120, perSecond: 5 },
  callPerSession: { burst: 60, perSecond: 1 },
  chatPerSession: { burst: 10, perSecond: 1 / 3 },
} as const satisfies Readonly<Record<string, Rate>>;

/** Names of the rates. */
export type RateName = keyof typeof rates;

/** Token buckets in memory. */
export type Limiter = {
  /** 0 where it may happen now, else the seconds to wait, rounded up. */
  readonly take: (rate: RateName, who: string) => number;
};

type Bucket = { tokens: number; at: number };

const bucketsMax = 10_000;

/**
 * Starts with full buckets. At most `bucketsMax` are kept; the one that was used least recently
 * goes first, and its owner begins again with a full one.
 */
export function createLimiter(now: Clock): Limiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(rate, who) {
      const { burst, perSecond } = rates[rate];
      const key = `${rate} ${who}`;
      const at = now().getTime();
      const bucket = buckets.get(key) ?? { tokens: burst, at };
      // A clock that is set back must neither empty a bucket nor fill it later.
      const seconds = Math.max(0, at - bucket.at) / 1000;
      const tokens = Math.min(burst, bucket.tokens + seconds * perSecond);
      const isEnough = tokens >= 1;
      buckets.delete(key);
      buckets.set(key, { tokens: isEnough ? tokens - 1 : tokens, at: Math.max(at, bucket.at) });
      if (buckets.size > bucketsMax) buckets.delete(buckets.keys().next().value ?? "");
      // Without the small part thirds would round up to the next second.
      return isEnough ? 0 : Math.ceil((1 - tokens) / perSecond - 1e-9);
    },
  };
}

const nearPattern = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd])/i;

/**
 * Who is counted: the address of the peer, or where that is a proxy on this machine or network,
 * the address it names last. Good enough to count by; nobody is let in for it. Of IPv6 the first
 * half counts, because one household has all of the second.
 */
export function addressOf(incoming: Pick<Incoming, "headers" | "remoteAddress">): string {
  const peer = incoming.remoteAddress.replace(/^::ffff:/i, "");
  const forwarded = nearPattern.test(peer) ? headerOf(incoming, "x-forwarded-for") : undefined;
  const named = forwarded?.slice(forwarded.lastIndexOf(",") + 1).trim();
  const address = named === undefined || named === "" ? peer : named.slice(0, 64);
  return address.includes(":") ? networkOf(address) : address;
}

/** The first four groups of an IPv6 address. */
function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}
