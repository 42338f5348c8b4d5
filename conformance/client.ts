// One face for all clients, so that the same steps run through each of them.

/** A service on the endpoint. */
export type Service = "qbusiness" | "iam" | "sts" | "kms";

/** An access key. */
export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** JSON, with `{ $text }` or `{ $base64 }` for the bytes of a blob and `{ $time }` (ISO 8601) for a
 * timestamp. */
export type Value = unknown;

/** The members of an input or an output. */
export type Members = Readonly<Record<string, Value>>;

/** What came of a call. */
export type Outcome =
  | { readonly kind: "answered"; readonly output: Members }
  | {
      readonly kind: "refused";
      readonly name: string;
      /** 0 where the client does not tell. */
      readonly status: number;
      readonly message: string;
    }
  /** This client does not know the operation, so nothing was sent. */
  | { readonly kind: "unknown" };

/** One call, signed with `keys`. */
export type ClientCall = {
  readonly service: Service;
  readonly operation: string;
  readonly input: Members;
  readonly keys: Keys;
};

/** A client program or library. */
export type Client = {
  /** As the table's head shows it: `JavaScript v3`. */
  readonly name: string;
  readonly call: (call: ClientCall) => Promise<Outcome>;
  readonly close: () => void;
};

/** Where clients call. */
export type Target = { readonly endpoint: string; readonly region: string };

/** Gives every blob and timestamp in an input the form that a client takes. */
export function converted(
  value: Value,
  to: { readonly blob: (bytes: Buffer) => Value; readonly time: (iso: string) => Value },
): Value {
  if (Array.isArray(value)) return value.map((item: Value) => converted(item, to));
  if (typeof value !== "object" || value === null) return value;
  const members = value as Members;
  if (typeof members["$text"] === "string") return to.blob(Buffer.from(members["$text"]));
  if (typeof members["$base64"] === "string") {
    return to.blob(Buffer.from(members["$base64"], "base64"));
  }
  if (typeof members["$time"] === "string") return to.time(members["$time"]);
  return Object.fromEntries(
    Object.entries(members).map(([name, item]) => [name, converted(item, to)]),
  );
}

/** What a thrown error of an SDK says; an error that no server answered is thrown on. */
export function refusalOf(error: unknown): Outcome {
  const { name, Code, code, message, statusCode, $metadata } = error as {
    readonly name?: string;
    readonly Code?: string;
    readonly code?: string;
    readonly message?: string;
    readonly statusCode?: number;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = statusCode ?? $metadata?.httpStatusCode;
  if (status === undefined) throw error;
  return { kind: "refused", name: Code ?? code ?? name ?? "", status, message: message ?? "" };
}
