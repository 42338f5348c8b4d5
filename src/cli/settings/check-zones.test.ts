import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { networkOf } from "./check-zones.ts";
import { gatherSettings, type WrittenSettings } from "./gather-settings.ts";

type Lists = { readonly zones?: readonly string[]; readonly groups?: readonly string[] };

function read({ zones, groups }: Lists, from = "") {
  const written: WrittenSettings = new Map([
    ...(zones ? [["zones", { values: zones, from: from || "--zone", base: "." }] as const] : []),
    ...(groups
      ? [["security-groups", { values: groups, from: "--security-group", base: "." }] as const]
      : []),
  ]);
  return networkOf(written).network;
}

const subnet = "subnet-0a1b2c3d";
const place = "vpc:vpc-0a1b2c3d availability-zone:us-east-1a";
const inZone = { vpcId: "vpc-0a1b2c3d", availabilityZone: "us-east-1a" };

test("a zone is a subnet of a VPC, with a proxy or without", () => {
  assert.deepEqual(networkOf(new Map()), {});
  assert.deepEqual(read({ zones: [`${subnet}=${place}`] }), {
    zones: { [subnet]: { ...inZone, backend: { kind: "none" } } },
    securityGroups: {},
  });
  for (const [members, url] of [
    ["proxy:http://proxy.example.com:3128", "http://proxy.example.com:3128/"],
    ["backend:proxy proxy:socks5://[2001:db8::1]:1080", "socks5://[2001:db8::1]:1080"],
  ] as const) {
    const zone = read({ zones: [`${subnet}=${place}  ${members}`] })?.zones[subnet];
    assert.deepEqual(zone, { ...inZone, backend: { kind: "proxy", url } });
  }
  const secret = `${subnet}=${place} proxy:http://name:word@proxy:3128`;
  const backend = read({ zones: [secret] }, "zones in quarry.yaml")?.zones[subnet]?.backend;
  assert.deepEqual(backend, { kind: "proxy", url: "http://name:word@proxy:3128/" });
});

test("a security group is what it lets through", () => {
  const groups = [
    "sg-0a1b2c3d=10.0.0.0/8:443",
    "sg-0a1b2c3d=[2001:db8::/32]:8000-9000",
    "sg-0a1b2c3e=0.0.0.0/0:*",
    "sg-0a1b2c3f=",
  ];
  assert.deepEqual(read({ groups })?.securityGroups, {
    "sg-0a1b2c3d": [
      { network: "10.0.0.0", prefixBits: 8, portFirst: 443, portLast: 443 },
      { network: "2001:db8::", prefixBits: 32, portFirst: 8000, portLast: 9000 },
    ],
    "sg-0a1b2c3e": [{ network: "0.0.0.0", prefixBits: 0, portFirst: 0, portLast: 65_535 }],
    "sg-0a1b2c3f": [],
  });
});

test("what cannot be a zone is refused in one line, by the name of the setting, without secrets", () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["subnet-1=vpc:x"], /^--zone has .*no zone/],
    [["subnet-0A1B2C3D=x"], /no zone/],
    [[`${subnet}`], /no zone/],
    [[`${subnet}=`], /must name its vpc/],
    [[`${subnet}=availability-zone:us-east-1a`], /must name its vpc/],
    [[`${subnet}=vpc:vpc-xyz availability-zone:us-east-1a`], /must name its vpc/],
    [[`${subnet}=vpc:vpc-0a1b2c3d`], /must name its availability-zone/],
    [[`${subnet}=${place} vpc:vpc-0a1b2c3d`], /each once/],
    [[`${subnet}=${place} colour:red`], /colour.* a zone has vpc/],
    [[`${subnet}=${place} red`], /red.* a zone has vpc/],
    [[`${subnet}=${place} backend:netns`], /none or proxy/],
    [[`${subnet}=${place} backend:proxy`], /must have a proxy/],
    [[`${subnet}=${place} backend:none proxy:http://p:1`], /and only there/],
    [[`${subnet}=${place} proxy:https://p:1`], /http:\/\/HOST:PORT/],
    [[`${subnet}=${place} proxy:p:1`], /http:\/\/HOST:PORT/],
    [[`${subnet}=${place} proxy:http://p/path`], /without path/],
    [[`${subnet}=${place} proxy:http://p?q=1`], /without path/],
    [[`${subnet}=${place} proxy:socks5://`], /HOST:PORT/],
    [[`${subnet}=${place} proxy:http://name:secret@p:1`], /must not hold credentials/],
    [[`${subnet}=${place}`, `${subnet}=${place}`], /twice/],
    [
      [`${subnet}=${place}`, `subnet-0a1b2c3e=${place} proxy:http://p:1`],
      /vpc-0a1b2c3d must all have a proxy/,
    ],
  ];
  for (const [zones, message] of cases) {
    assert.throws(
      () => read({ zones }),
      (error: Error & { exitCode?: number }) => {
        assert.match(error.message, message, zones.join(" | "));
        assert.doesNotMatch(error.message, /secret|\n/);
        assert.equal(error.exitCode, 2);
        return true;
      },
    );
  }
  const unreadable = [`${subnet}=${place} proxy:http://%ff:x@p:1`];
  assert.throws(() => read({ zones: unreadable }, "QUARRY_ZONES"), /cannot be read/);
});

test("what no security group can let through is refused", () => {
  for (const text of [
    "10.0.0.0/8",
    "10.0.0.0:443",
    "10.0.0.0/33:443",
    "10.0.0.0/8/8:443",
    "10.0.0/8:443",
    "10.0.0.0/8:65536",
    "10.0.0.0/8:9-8",
    "10.0.0.0/8:",
    "10.0.0.0/-1:443",
    "2001:db8::/32:443",
    "[10.0.0.0/8]:443",
    "[2001:db8::/129]:443",
    "[::ffff:10.0.0.0/104]:443",
    "[fe80::1%eth0/64]:443",
    "example.com:443",
    "example.com/8:443",
  ]) {
    assert.throws(() => read({ groups: [`sg-0a1b2c3d=${text}`] }), /CIDR:PORT, such as/, text);
  }
  for (const spec of ["sg-1=10.0.0.0/8:443", "sg-0a1b2c3d", "0a1b2c3d=10.0.0.0/8:443"]) {
    assert.throws(() => read({ groups: [spec] }), /no security group/, spec);
  }
});

test("a file says it as mappings", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quarry-zones-"));
  try {
    const file = join(folder, "quarry.yaml");
    writeFileSync(
      file,
      [
        "zones:",
        `  ${subnet}:`,
        "    vpc: vpc-0a1b2c3d",
        "    availability-zone: us-east-1a",
        "    proxy: http://name:word@127.0.0.1:3128",
        "security-groups:",
        "  sg-0a1b2c3d:",
        "    - 10.0.0.0/8:443",
        '    - "[2001:db8::/32]:443"',
        "  sg-0a1b2c3e: 127.0.0.0/8:*",
        "  sg-0a1b2c3f: []",
      ].join("\n"),
    );
    const flags = new Map([["--config", [file]]]);
    const network = networkOf(await gatherSettings({ flags }, {}, folder)).network;
    assert.deepEqual(network?.zones[subnet]?.backend, {
      kind: "proxy",
      url: "http://name:word@127.0.0.1:3128/",
    });
    const sizes = Object.values(network?.securityGroups ?? {}).map((group) => group.length);
    assert.deepEqual(sizes, [2, 1, 0]);
    for (const text of [
      `zones: { ${subnet}: { vpc: { id: x } } }`,
      `zones: { ${subnet}: [ { vpc: x } ] }`,
      "zones: subnet",
    ]) {
      writeFileSync(file, text);
      await assert.rejects(
        gatherSettings({ flags }, {}, folder),
        /must be a list of SUBNET=MEMBERS or a mapping of SUBNET to MEMBERS/,
        text,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
