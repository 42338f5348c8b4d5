// An anonymous application over a bucket, from nothing to a streamed, cited answer, with the
// unmodified AWS SDK. Set AWS_ENDPOINT_URL (http://127.0.0.1:8090), AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and BUCKET; then: node anonymous-application.mjs "What is the question?"
import { setTimeout as sleep } from "node:timers/promises";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
const qbusiness = await import("@aws-sdk/client-qbusiness");

const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region = "us-east-1", BUCKET } = process.env;
const userMessage = process.argv[2] ?? "How many days of paid annual leave do employees have?";
const iam = new IAMClient({ endpoint, region });
const client = new qbusiness.QBusinessClient({ endpoint, region });
const call = (name, input) => client.send(new qbusiness[`${name}Command`](input));
const policy = (...Statement) => JSON.stringify({ Version: "2012-10-17", Statement });

const application = { displayName: "example", identityType: "ANONYMOUS" };
const { applicationId, applicationArn } = await call("CreateApplication", application);
const named = { applicationId, displayName: "example" };
const { indexId, indexArn } = await call("CreateIndex", named);
// Every attribute of the bucket's metadata files needs a field; this one is the sample bucket's.
const fields = { documentAttributeConfigurations: [{ name: "department", type: "STRING" }] };
await call("UpdateIndex", { applicationId, indexId, ...fields });
const configuration = { nativeIndexConfiguration: { indexId } };
await call("CreateRetriever", { ...named, type: "NATIVE_INDEX", configuration });

const RoleName = `Example-${applicationId}`;
const account = applicationArn.split(":")[4];
const source = { "aws:SourceAccount": account, "aws:SourceArn": applicationArn };
const Principal = { Service: "qbusiness.amazonaws.com" };
const trust = { Effect: "Allow", Principal, Action: "sts:AssumeRole" };
const AssumeRolePolicyDocument = policy({ ...trust, Condition: { StringEquals: source } });
const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
const Condition = { StringEquals: { "aws:ResourceAccount": account } };
const ingest = ["qbusiness:BatchPutDocument", "qbusiness:BatchDeleteDocument"];
const PolicyDocument = policy(
  { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}`, Condition },
  { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*`, Condition },
  { Effect: "Allow", Action: ingest, Resource: indexArn },
);
await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "s3", PolicyDocument }));

const connectionConfiguration = { repositoryEndpointMetadata: { BucketName: BUCKET } };
const repositoryConfigurations = { document: { fieldMappings: [] } };
const template = { type: "S3", syncMode: "FULL_CRAWL", connectionConfiguration };
const s3 = { indexId, roleArn: Role.Arn, configuration: { ...template, repositoryConfigurations } };
const { dataSourceId } = await call("CreateDataSource", { ...named, ...s3 });
const ids = { applicationId, indexId, dataSourceId };
await call("StartDataSourceSyncJob", ids);
for (let status = "SYNCING"; status.startsWith("SYNCING"); await sleep(200)) {
  const { history } = await call("ListDataSourceSyncJobs", ids);
  if ((status = history[0].status) === "FAILED") throw new Error(history[0].error.errorMessage);
}
const events = [{ textEvent: { userMessage } }, { endOfInputEvent: {} }];
const inputStream = ReadableStream.from(events);
const { outputStream } = await call("Chat", { applicationId, inputStream });
for await (const { textEvent, metadataEvent } of outputStream) {
  process.stdout.write(textEvent?.systemMessage ?? "");
  const sources = metadataEvent?.sourceAttributions ?? [];
  for (const { citationNumber, title } of sources) console.log(`\n[${citationNumber}] ${title}`);
}
