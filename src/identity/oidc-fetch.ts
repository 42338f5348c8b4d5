import { lookup as lookUp } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isFetchable } from "./oidc-addresses.ts";

/** Reads one JSON document of an issuer. */
export type FetchDocument = (
  url: URL,
  options: {
    /** Whether the operator has named the host: then it may be anywhere, and speak plain HTTP. */
    readonly isTrusted: boolean;
  },
) => Promise<unknown>;

/** A document could not be had; the message is for the operator and for the client alike. */
export class FetchProblem extends Error {}

const documentBytesMax = 256 * 1024;
const timeoutMsDefault = 5_000;

/**
 * Makes the reader of issuers' documents. It follows no redirects, sends nothing but the address,
 * takes at most 256 KiB, and gives up after five seconds in all. The address is checked after it
 * has been looked up, on the connection itself, so that a name cannot change its mind in between.
 */
export function createFetchDocument({ timeoutMs = timeoutMsDefault } = {}): FetchDocument {
  return async (url, { isTrusted }) => {
    if (url.protocol !== "https:" && !(isTrusted && url.protocol === "http:")) {
      throw new FetchProblem(`${url.host} must be asked by https.`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new FetchProblem("The address must not hold credentials.");
    }
    const host = url.hostname.replace(/^\[|\]$/g, "");
    // Literal addresses are never looked up.
    if (!isTrusted && isIP(host) !== 0 && !isFetchable(host)) throw notAllowed(url);
    const text = await read(url, { isTrusted, signal: AbortSignal.timeout(timeoutMs) });
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new FetchProblem(`${url.host} answered with what is no JSON.`, { cause });
    }
  };
}

function notAllowed({ host }: URL): FetchProblem {
  return new FetchProblem(
    `${host} is at an address that this server does not fetch from; its operator can allow it.`,
  );
}

function read(
  url: URL,
  { isTrusted, signal }: { readonly isTrusted: boolean; readonly signal: AbortSignal },
): Promise<string> {
  const answer = Promise.withResolvers<string>();
  const fail = (cause: unknown): void => {
    if (cause instanceof FetchProblem) return answer.reject(cause);
    const reason = signal.aborted ? "did not answer in time" : "could not be reached";
    answer.reject(new FetchProblem(`${url.host} ${reason}.`, { cause }));
  };
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    // A connection of its own: one that is kept open was checked for somebody else.
    agent: false,
    signal,
    headers: { accept: "application/json" },
    maxHeaderSize: 16 * 1024,
    ...(isTrusted ? {} : { lookup: checkedLookup(url) }),
  });
  request.once("error", fail);
  request.once("response", (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.once("error", fail);
    response.on("data", (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size <= documentBytesMax) return;
      fail(new FetchProblem(`${url.host} sent more than ${documentBytesMax / 1024} KiB.`));
      request.destroy();
    });
    response.once("end", () => {
      if (response.statusCode === 200) answer.resolve(Buffer.concat(parts).toString("utf8"));
      else fail(new FetchProblem(`${url.host} answered with status ${response.statusCode}.`));
    });
    // An answer that breaks off has no end.
    response.once("close", () => fail(new Error("The answer broke off.")));
  });
  request.end();
  return answer.promise;
}

/** Looks a name up, and gives only addresses that may be connected to. */
function checkedLookup(url: URL): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      const isAllowed = addresses.every(({ address }) => isFetchable(address));
      const [first] = addresses;
      if (!isAllowed || first === undefined) return callback(notAllowed(url), "", 0);
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
