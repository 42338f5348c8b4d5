import assert from "node:assert/strict";
import { test } from "node:test";
import { creationChecks, deletionCheck } from "./network-interface.ts";

const place = {
  region: "us-east-1",
  account: "111122223333",
  vpcId: "vpc-0a1b2c3d",
  subnetId: "subnet-0a1b2c3d",
  availabilityZone: "us-east-1a",
  securityGroupIds: ["sg-0a1b2c3d", "sg-0a1b2c3e"],
  interfaceId: "eni-0a1b2c3d",
  tags: { AMAZON_Q: "qbusiness_111122223333_app_ds" },
};
const ec2 = "arn:aws:ec2:us-east-1:111122223333";

test("an interface is made in its subnet and groups, made itself, tagged, and lent, in this order", () => {
  assert.deepEqual(
    creationChecks(place).map(({ action, arn }) => `${action} ${arn.replace(`${ec2}:`, "")}`),
    [
      "ec2:CreateNetworkInterface subnet/subnet-0a1b2c3d",
      "ec2:CreateNetworkInterface security-group/sg-0a1b2c3d",
      "ec2:CreateNetworkInterface security-group/sg-0a1b2c3e",
      "ec2:CreateNetworkInterface network-interface/*",
      "ec2:CreateTags network-interface/eni-0a1b2c3d",
      "ec2:CreateNetworkInterfacePermission network-interface/eni-0a1b2c3d",
    ],
  );
});

test("only what exists has tags, and only what sends tags sends them", () => {
  const tag = "aws:ResourceTag/AMAZON_Q";
  for (const { action, context, requestTags } of creationChecks(place)) {
    const isMade = action !== "ec2:CreateNetworkInterface";
    assert.equal(context[tag], isMade ? place.tags.AMAZON_Q : undefined, action);
    assert.equal(context["ec2:ResourceTag/AMAZON_Q"], context[tag], action);
    const sends = action !== "ec2:CreateNetworkInterfacePermission";
    assert.deepEqual(requestTags, sends ? place.tags : undefined, action);
    assert.equal(context["ec2:Region"], "us-east-1");
    assert.equal(context["ec2:Vpc"], `${ec2}:vpc/vpc-0a1b2c3d`);
  }
  const deletion = deletionCheck(place);
  assert.deepEqual(
    [deletion.action, deletion.arn, deletion.requestTags, deletion.context[tag]],
    [
      "ec2:DeleteNetworkInterface",
      `${ec2}:network-interface/eni-0a1b2c3d`,
      undefined,
      place.tags.AMAZON_Q,
    ],
  );
});

test("each step has the keys of its own resource", () => {
  const [subnet, group, , own, tags, lending] = creationChecks(place).map((check) => check.context);
  assert.equal(subnet?.["ec2:SubnetID"], "subnet-0a1b2c3d");
  assert.equal(subnet["ec2:AvailabilityZone"], "us-east-1a");
  assert.equal(group?.["ec2:SecurityGroupID"], "sg-0a1b2c3d");
  assert.equal(own?.["ec2:Subnet"], `${ec2}:subnet/subnet-0a1b2c3d`);
  assert.equal(own["ec2:NetworkInterfaceID"], undefined, "it has no id yet");
  assert.equal(tags?.["ec2:CreateAction"], "CreateNetworkInterface");
  assert.equal(lending?.["ec2:AuthorizedService"], "qbusiness.amazonaws.com");
  assert.equal(lending["ec2:Permission"], "INSTANCE-ATTACH");
  assert.equal(lending["ec2:CreateAction"], undefined);
});
