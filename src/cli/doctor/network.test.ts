import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { checkZones, interfacesOf, zonesOf } from "./network.ts";
import type { WrittenSettings } from "../settings/gather-settings.ts";

const subnet = "subnet-0a1b2c3d";
const place = "vpc:vpc-0a1b2c3d availability-zone:us-east-1a";

function written(...zones: readonly string[]): WrittenSettings {
  return new Map([["zones", { values: zones, from: "QUARRY_ZONES", base: "." }]]);
}

test("zones are shown, and a proxy that does not answer fails, without its password", async () => {
  assert.deepEqual(await checkZones(new Map()), []);
  const [direct] = await checkZones(written(`${subnet}=${place}`));
  assert.equal(direct?.status, "ok");
  assert.match(direct.found, /vpc-0a1b2c3d, directly/);
  const proxy = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const zone = written(`${subnet}=${place} proxy:http://name:secret@127.0.0.1:${port}`);
  const [there] = await checkZones(zone);
  assert.equal(there?.status, "ok", there?.found);
  await new Promise((resolve) => proxy.close(resolve));
  const [gone] = await checkZones(zone);
  assert.equal(gone?.status, "fail");
  assert.match(gone.found, /127\.0\.0\.1:\d+, which does not answer/);
  assert.doesNotMatch(JSON.stringify([there, gone]), /secret/);
  const [wrong] = await checkZones(written("subnet"));
  assert.equal(wrong?.status, "fail");
  assert.deepEqual(zonesOf(written("subnet")).zones, {});
});

test("a data source's interfaces are those of its known subnets, with the service's tag", () => {
  const network = zonesOf(written(`${subnet}=${place}`));
  const application = "arn:aws:qbusiness:us-east-1:111122223333:application/app";
  const dataSourceArn = `${application}/index/i/data-source/ds`;
  const vpc = { subnetIds: [subnet, "subnet-00000000"], securityGroupIds: ["sg-00000000"] };
  const { places, unknown } = interfacesOf(network, vpc, { dataSourceArn });
  assert.deepEqual(unknown, ["subnet-00000000", "sg-00000000"]);
  assert.equal(places.length, 1);
  assert.deepEqual(places[0]?.tags, { AMAZON_Q: "qbusiness_111122223333_app_ds" });
  assert.deepEqual([places[0]?.region, places[0]?.account], ["us-east-1", "111122223333"]);
});
