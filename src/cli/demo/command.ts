import { join } from "node:path";
import type { Command } from "../command.ts";
import { connect, connectionFlags, explainKeyErrors } from "../client/connection.ts";
import { exitCodes } from "../context.ts";
import { demoKeyFile, sampleBucket } from "./content.ts";
import { describeDemo, setUpDemo } from "./show-demo.ts";

/** `quarry demo`: makes the demo on a running server, or completes it, or finds it again. */
export const demo: Command = {
  name: "demo",
  summary: "make the demo on a running server",
  usage: "[--bucket NAME] [flags]",
  notes: [
    "Makes a role with the published S3-connector policy, an anonymous application, an index, a " +
      "retriever, a data source, a web experience and a user who may ask and nothing else. A " +
      "second run makes nothing.",
  ],
  flags: [
    {
      name: "--bucket",
      value: "NAME",
      help: `bucket to read, which the server must know (${sampleBucket})`,
    },
    ...connectionFlags,
  ],
  wordsMax: 0,
  async run(parsed, context) {
    const connection = connect(parsed, context);
    const { client, dataDir, isJson } = connection;
    try {
      const { demo: made, summary } = await setUpDemo(client, context, {
        bucket: parsed.flags.get("--bucket")?.[0] ?? sampleBucket,
        keyFile: join(dataDir, demoKeyFile),
        isSilent: isJson,
      });
      const text = `${summary === "" ? "" : `${summary}\n`}${describeDemo(made, client.endpoint)}`;
      context.stdout.write(isJson ? `${JSON.stringify(made, null, 2)}\n` : text);
    } catch (error) {
      throw explainKeyErrors(error, connection);
    }
    return exitCodes.ok;
  },
};
