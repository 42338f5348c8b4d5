// What is known about condition keys. Sources: "AWS global condition context keys" in the IAM user
// guide, and the service authorization reference for the services we meet.

/** Global keys in lower case; keys ending in a slash take a tag key behind it. */
const globalKeys = new Set(
  (
    "aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime " +
    "aws:FederatedProvider aws:MultiFactorAuthAge aws:MultiFactorAuthPresent " +
    "aws:ChatbotSourceArn " +
    "aws:Ec2InstanceSourceVpc aws:Ec2InstanceSourcePrivateIPv4 aws:PrincipalAccount " +
    "aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths " +
    "aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/ aws:PrincipalType " +
    "aws:referer aws:RequestedRegion aws:RequestTag/ aws:ResourceAccount aws:ResourceOrgID " +
    "aws:ResourceOrgPaths aws:ResourceTag/ aws:SecureTransport aws:SourceAccount aws:SourceArn " +
    "aws:SourceIdentity aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc " +
    "aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:userid " +
    "aws:username aws:ViaAWSService aws:VpcSourceIp aws:VpceAccount aws:VpceOrgID " +
    "aws:VpceOrgPaths aws:AssumedRoot aws:SignInSessionArn"
  )
    .toLowerCase()
    .split(" "),
);

/** Keys with lists of values; plain operators are not made for them. */
const listKeys = new Set(
  (
    "aws:CalledVia aws:TagKeys aws:PrincipalOrgPaths aws:ResourceOrgPaths aws:SourceOrgPaths " +
    "aws:PrincipalServiceNamesList kms:EncryptionContextKeys kms:GrantOperations " +
    "kms:ResourceAliases sts:RequestContextProviders sts:TransitiveTagKeys"
  )
    .toLowerCase()
    .split(" "),
);

/** A key without its tag key: `aws:requesttag/`. */
function familyOf(lowerKey: string): string {
  const slash = lowerKey.indexOf("/");
  return slash < 0 ? lowerKey : lowerKey.slice(0, slash + 1);
}

export function isGlobalKey(lowerKey: string): boolean {
  return lowerKey.startsWith("aws:");
}

export function isKnownGlobalKey(lowerKey: string): boolean {
  const family = familyOf(lowerKey);
  return globalKeys.has(family) && (!family.endsWith("/") || lowerKey.length > family.length);
}

export function isListKey(lowerKey: string): boolean {
  return listKeys.has(lowerKey);
}
