import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { canonicalAddress, isReserved } from "./addresses.ts";
import type { AllowList } from "./allow-list.ts";
import { connectThrough } from "./proxy.ts";
import { EgressRefused } from "./refusal.ts";
import { within } from "./time-limit.ts";

/** All addresses of a name, in the order in which they are to be tried. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Opens a connection to a name or an address. */
export type Dial = (host: string, port: number) => Promise<Socket>;

/** One connection that was asked for, for the record. */
export type Attempted = {
  readonly host: string;
  readonly port: number;
  /** What the name was resolved to, in canonical spelling. */
  readonly addresses: readonly string[];
  /** Why none of them may be reached. */
  readonly refusal: string | undefined;
};

/** What decides about connections. */
export type DialRules = {
  /** Absent: everywhere but at link-local and metadata addresses, which nothing opens. */
  readonly allows?: AllowList | undefined;
  /** All connections go through the first of these that can be reached; empty: directly. */
  readonly proxies?: readonly string[];
  readonly resolve?: Resolve;
  readonly record?: (attempted: Attempted) => void;
  readonly connectMs?: number;
};

const addressesTried = 4;

/** As the system resolves: hosts file, local names and DNS. */
const systemResolve: Resolve = async (name) => {
  const answers = await lookup(name, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
};

/**
 * Makes the one way out of a connector. Names are resolved here, the answers are checked, and the
 * connection goes to an address that was checked, also through a proxy: a name that means something
 * else a moment later, or to the proxy, changes nothing.
 *
 * The result throws EgressRefused for what may not be reached, and socket errors.
 */
export function createDial(rules: DialRules): Dial {
  const { proxies = [], resolve = systemResolve, record, connectMs = 5_000 } = rules;
  return async (host, port) => {
    const answers = isIP(host) === 0 ? await within(connectMs, resolve(host), host) : [host];
    const checked = check(answers, port, rules.allows);
    const refusal = "refusal" in checked ? checked.refusal : undefined;
    record?.({
      host,
      port,
      addresses: answers.map((one) => canonicalAddress(one) ?? one),
      refusal,
    });
    if ("refusal" in checked) {
      throw new EgressRefused(
        `A connection to ${host}, port ${port}, is refused: ${checked.refusal}`,
      );
    }
    const addresses = checked.addresses.slice(0, addressesTried);
    if (proxies.length === 0) return connectDirectly(host, port, { addresses, connectMs });
    return firstOf(addresses, (address) =>
      firstOf(proxies, (proxy) => connectThrough(proxy, { address, port, connectMs })),
    );
  };
}

function check(
  answers: readonly string[],
  port: number,
  allows: AllowList | undefined,
): { readonly addresses: readonly string[] } | { readonly refusal: string } {
  const addresses: string[] = [];
  for (const answer of answers) {
    const address = canonicalAddress(answer);
    // One such answer condemns the name: nobody has it there by accident.
    if (address === undefined || isReserved(address)) {
      return { refusal: `${answer} is a link-local address or one of a metadata service.` };
    }
    if (allows === undefined || allows(address, port)) addresses.push(address);
  }
  if (addresses.length > 0) return { addresses };
  if (answers.length === 0) return { refusal: "the name has no address." };
  return { refusal: `no security group allows ${answers.join(", ")}.` };
}

/** Tries one after the other; the last failure counts. A refusal ends it at once. */
async function firstOf<T>(
  candidates: readonly T[],
  open: (candidate: T) => Promise<Socket>,
): Promise<Socket> {
  let last: unknown = new Error("There is nothing to connect to.");
  for (const candidate of candidates) {
    try {
      return await open(candidate);
    } catch (error) {
      if (error instanceof EgressRefused) throw error;
      last = error;
    }
  }
  throw last;
}

/** Addresses of both versions are tried as the system would, but no others than these. */
function connectDirectly(
  name: string,
  port: number,
  to: { readonly addresses: readonly string[]; readonly connectMs: number },
): Promise<Socket> {
  const addresses = to.addresses.map((address) => ({ address, family: isIP(address) }));
  const socket = connect({
    host: isIP(name) === 0 ? name : (to.addresses[0] ?? name),
    port,
    lookup: (_name, _options, done) => done(null, addresses),
    autoSelectFamily: true,
    noDelay: true,
    keepAlive: true,
  });
  const opened = new Promise<Socket>((done, fail) => {
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      done(socket);
    });
  });
  return within(to.connectMs, opened, name, () => socket.destroy());
}
