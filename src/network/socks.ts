import { once } from "node:events";
import { isIPv4, type Socket } from "node:net";
import { canonicalAddress } from "./addresses.ts";
import { EgressRefused, ProxyFailed } from "./refusal.ts";

type Wanted = {
  readonly address: string;
  readonly port: number;
  readonly proxy: string;
  readonly login: { readonly name: string; readonly secret: string } | undefined;
};

const version = 5;
const methods = { none: 0, password: 2 } as const;
/** "Connection not allowed by ruleset" (RFC 1928 §6). */
const notAllowed = 2;

/** Asks a SOCKS5 proxy for a connection; the socket is that connection afterwards. */
export async function greetSocks(socket: Socket, wanted: Wanted): Promise<Socket> {
  const { proxy, login } = wanted;
  const method = login === undefined ? methods.none : methods.password;
  socket.write(Buffer.from([version, 1, method]));
  const [, chosen] = await take(socket, 2, proxy);
  if (chosen !== method) throw new EgressRefused(`The proxy ${proxy} asks for another login.`);
  if (login !== undefined) await logIn(socket, login, proxy);
  socket.write(connectMessage(wanted));
  const [, reply, , kind] = await take(socket, 4, proxy);
  if (reply !== 0) {
    const words = `The proxy ${proxy} answered ${reply} for ${wanted.address}:${wanted.port}.`;
    throw reply === notAllowed ? new EgressRefused(words) : new ProxyFailed(words);
  }
  // The address that it connects from is of no interest.
  const lengthBytes = kind === 4 ? 16 : kind === 1 ? 4 : ((await take(socket, 1, proxy))[0] ?? 0);
  await take(socket, lengthBytes + 2, proxy);
  return socket;
}

async function logIn(
  socket: Socket,
  { name, secret }: NonNullable<Wanted["login"]>,
  proxy: string,
): Promise<void> {
  const [user, word] = [Buffer.from(name), Buffer.from(secret)];
  const message = [Buffer.from([1, user.length]), user, Buffer.from([word.length]), word];
  socket.write(Buffer.concat(message));
  const [, status] = await take(socket, 2, proxy);
  if (status !== 0) throw new EgressRefused(`The proxy ${proxy} refuses the login.`);
}

function connectMessage({ address, port }: Wanted): Buffer {
  const bytes = isIPv4(address)
    ? [1, ...address.split(".").map(Number)]
    : [4, ...bytesOfVersion6(address)];
  return Buffer.from([version, 1, 0, ...bytes, port >>> 8, port & 0xff]);
}

function bytesOfVersion6(address: string): readonly number[] {
  const [left = "", right = ""] = (canonicalAddress(address) ?? address).split("::");
  const bytes = (part: string): readonly number[] =>
    part === ""
      ? []
      : part.split(":").flatMap((group) => {
          const value = Number.parseInt(group, 16);
          return [value >>> 8, value & 0xff];
        });
  const [before, after] = [bytes(left), bytes(right)];
  const missing = 16 - before.length - after.length;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

/** Exactly so many bytes; what follows them stays in the socket. */
async function take(socket: Socket, lengthBytes: number, proxy: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let sizeBytes = 0; ;) {
    const piece = socket.read() as Buffer | null;
    if (piece !== null) {
      pieces.push(piece);
      sizeBytes += piece.length;
      if (sizeBytes < lengthBytes) continue;
      const all = Buffer.concat(pieces);
      if (sizeBytes > lengthBytes) socket.unshift(all.subarray(lengthBytes));
      return all.subarray(0, lengthBytes);
    }
    if (socket.readableEnded || socket.destroyed) {
      throw new ProxyFailed(`The proxy ${proxy} hung up.`);
    }
    const ended = new AbortController();
    const { signal } = ended;
    try {
      await Promise.race([once(socket, "readable", { signal }), once(socket, "end", { signal })]);
    } finally {
      ended.abort();
    }
  }
}
