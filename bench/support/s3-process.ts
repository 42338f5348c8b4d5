import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The S3 server with made-up buckets, in a process of its own; see `generated-s3.ts`. */
export type S3Process = AsyncDisposable & {
  readonly endpoint: string;
  /** What the AWS SDK is to find in a server's environment. */
  readonly env: Readonly<Record<string, string>>;
};

/** Keys that the server takes, as it takes any. */
export const s3Credentials = { accessKeyId: "BENCH", secretAccessKey: "bench" };

/** Starts it on a free port. */
export async function startS3Process(): Promise<S3Process> {
  const child = fork(fileURLToPath(new URL("generated-s3.ts", import.meta.url)), { execArgv: [] });
  const [port] = (await once(child, "message")) as [number];
  const { accessKeyId, secretAccessKey } = s3Credentials;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
}
