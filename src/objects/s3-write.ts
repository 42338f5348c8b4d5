import { exchangeName, type ObjectWriter } from "./object-writer.ts";
import { type S3Access, sdk } from "./s3-access.ts";

/** Writes below the prefix of a bucket in an S3-compatible store. */
export function s3Writer(access: S3Access): ObjectWriter {
  return {
    put: ({ bytes, ...where }) => {
      exchangeName(where.key);
      return access.run(where, async (signal) => {
        const [{ PutObjectCommand }, client] = await Promise.all([sdk(), access.client()]);
        const input = { Bucket: where.bucket, Key: where.key, Body: bytes };
        await client.send(new PutObjectCommand(input), { abortSignal: signal });
        return { kind: "stored" };
      });
    },
    remove: (where) => {
      exchangeName(where.key);
      return access.run(where, async (signal) => {
        const [{ DeleteObjectCommand }, client] = await Promise.all([sdk(), access.client()]);
        const input = { Bucket: where.bucket, Key: where.key };
        await client.send(new DeleteObjectCommand(input), { abortSignal: signal });
        return { kind: "removed" };
      });
    },
  };
}
