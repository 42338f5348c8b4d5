import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { routePage } from "./page-route.ts";

const applicationId = "0b5f9a52-5c5e-4b19-9a6d-0f1c2d3e4f50";
const webExperienceId = "9c1d2e3f-4a5b-4c6d-8e7f-a0b1c2d3e4f5";
const path = `/web/${applicationId}/${webExperienceId}`;
const ids = { applicationId, webExperienceId };

test("each address leads to its page", () => {
  assert.deepEqual(routePage("/"), { kind: "root" });
  assert.deepEqual(routePage("/health?verbose"), { kind: "health" });
  assert.deepEqual(routePage("/web/assets/a.js?v=1"), { kind: "asset", name: "a.js" });
  assert.deepEqual(routePage(path), { kind: "page", ids });
  assert.deepEqual(routePage(`${path}/`), { kind: "slash", ids });
  for (const kind of ["open", "state", "chat", "feedback"]) {
    assert.deepEqual(routePage(`${path}/${kind}?x=/y`), { kind, ids });
  }
});

test("what only looks like an address of ours is missing, and what does not is not ours", () => {
  const missing = [
    "/web",
    "/web/",
    "/web/assets",
    "/web/assets/",
    "/web/assets/a/b",
    `${path}//`,
    `${path}/chat/`,
    `${path}/Chat`,
    `${path}/page`,
    `${path}/slash`,
    `/web/${applicationId}`,
    `/web/${applicationId.replace("-", "%2D")}/${webExperienceId}`,
    `/web/${applicationId}/..`,
    `/web/${applicationId}x/${webExperienceId}`,
    `/web//${applicationId}/${webExperienceId}`,
    `${path}?${"x".repeat(9000)}`,
  ];
  for (const target of missing) assert.deepEqual(routePage(target), { kind: "missing" }, target);
  for (const target of ["", "*", "web/", "/WEB/", "/toString", "/applications/x", "//", "?"]) {
    assert.equal(routePage(target), undefined, target);
  }
});

test("no target at all makes routing fail", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      routePage(text);
      const routed = routePage(`/web/${text}`);
      assert.ok(routed !== undefined);
      if (routed.kind === "asset") assert.ok(!/[/?]/.test(routed.name));
    }),
  );
});
