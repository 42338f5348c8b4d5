import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnAddress } from "./own-address.ts";

test("a server knows its own address, as it listens and as it is reached", () => {
  const server = { host: "127.0.0.1", port: 8090 };
  const rows: readonly (readonly [string, Parameters<typeof isOwnAddress>[1], boolean])[] = [
    ["http://127.0.0.1:8090", server, true],
    ["http://localhost:8090/", server, true],
    ["http://[::1]:8090", server, true],
    ["http://127.0.0.1:9000", server, false],
    ["http://minio.internal:8090", server, false],
    ["http://127.0.0.1", server, false],
    ["http://127.0.0.1", { ...server, port: 80 }, true],
    ["https://localhost", { ...server, port: 443 }, true],
    ["http://localhost:8090", { ...server, host: "0.0.0.0" }, true],
    ["http://localhost:8090", { ...server, host: "10.0.0.5" }, false],
    ["http://10.0.0.5:8090", { ...server, host: "10.0.0.5" }, true],
    ["http://[fd00::5]:8090", { ...server, host: "fd00::5" }, true],
    ["https://quarry.example.com", { ...server, publicUrl: "https://quarry.example.com/" }, true],
    ["https://minio.example.com", { ...server, publicUrl: "https://quarry.example.com" }, false],
    ["no address", server, false],
    ["", server, false],
  ];
  for (const [url, address, isOwn] of rows) {
    assert.equal(isOwnAddress(url, address), isOwn, `${url} of ${JSON.stringify(address)}`);
  }
});
