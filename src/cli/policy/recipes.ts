import {
  anonymousApiPolicy,
  anonymousApiTrustPolicy,
  anonymousWebPolicy,
  anonymousWebTrustPolicy,
  type PolicyDocument,
  s3ConnectorTrustPolicy,
} from "./policies.ts";
import { decryptStatements, networkStatements, repairedConnectorPolicy } from "./further.ts";
import type { PlaceFlags } from "./place.ts";
import { quote } from "../demo/snippets.ts";

/** A role as the published pages describe it: two documents and a name. */
export type Recipe = {
  readonly roleName: string;
  readonly trust: { readonly file: string; readonly document: PolicyDocument };
  readonly permissions: { readonly file: string; readonly document: PolicyDocument };
};

/** What a role can be for -> how to make it, with the file names that the pages use. */
export const recipes: Readonly<Record<string, (place: PlaceFlags) => Recipe>> = {
  "s3-connector": (flags) => {
    const place = { ...flags.place(), indexId: flags.indexId(), bucket: flags.bucket() };
    const further = [
      ...decryptStatements(place, flags.keyArns()),
      ...networkStatements(place, flags.network()),
    ];
    return {
      roleName: "QuarryS3Connector",
      trust: { file: "trustpolicyfors3connector.json", document: s3ConnectorTrustPolicy(place) },
      permissions: {
        file: "permspolicyfors3connector.json",
        document: repairedConnectorPolicy(place, further),
      },
    };
  },
  "anonymous-api": (flags) => ({
    roleName: "QuarryAnonymousApi",
    trust: {
      file: "trustpolicyforAPIanonymous.json",
      document: anonymousApiTrustPolicy(flags.caller()),
    },
    permissions: {
      file: "permspolicyforAPIanonymous.json",
      document: anonymousApiPolicy(flags.place()),
    },
  }),
  "anonymous-web": (flags) => ({
    roleName: "QuarryAnonymousWeb",
    trust: {
      file: "trustpolicyforanonymous.json",
      document: anonymousWebTrustPolicy(flags.place()),
    },
    permissions: {
      file: "permspolicyforwebexperienceanonymous.json",
      document: anonymousWebPolicy(flags.place()),
    },
  }),
};

/** The AWS CLI commands that make the role of a recipe, each on one line of a POSIX shell. */
export function commandsOf(
  { roleName, trust, permissions }: Recipe,
  { folder, endpoint }: { readonly folder: string; readonly endpoint: string },
): readonly string[] {
  const role = `--role-name ${roleName}`;
  const fileOf = ({ file }: { readonly file: string }): string => quote(`file://${folder}/${file}`);
  const at = `--endpoint-url ${quote(endpoint)}`;
  return [
    `aws iam create-role ${role} --assume-role-policy-document ${fileOf(trust)} ${at}`,
    `aws iam put-role-policy ${role} --policy-name ${roleName} --policy-document ${fileOf(permissions)} ${at}`,
  ];
}
