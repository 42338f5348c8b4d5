import {
  combine,
  compile,
  type CompiledPolicy,
  contextKeysOf,
  parsePolicy,
  type PolicyKind,
} from "../iam/iam.ts";
import {
  type Database,
  type IamEntity,
  iamGroups,
  iamPolicies,
  iamStore,
  type InlinePolicy,
  type Readable,
  type Tag,
  tags as tagStore,
} from "../store/store.ts";
import { findAwsPolicy } from "./aws-policies.ts";

const textsMax = 5000;
const entitiesMax = 5000;

/** Who is asked about: a user or role, if any, and the managed policies that limit its session. */
export type PolicyOwner = {
  readonly entityId: string | undefined;
  readonly sessionPolicyArns?: readonly string[] | undefined;
};

/** All that is stored about what a principal may do, read at one moment. */
export type PrincipalPolicies = {
  /** Inline and attached policies of a user or role, and those of the user's groups, in one. */
  readonly identity: CompiledPolicy;
  /** The policy that bounds a user or role, where there is one. */
  readonly boundary: CompiledPolicy | undefined;
  /** The managed session policies in the order of their ARNs; undefined for one that is gone. */
  readonly session: readonly (CompiledPolicy | undefined)[];
  /** Whether any of them has a condition or variable; otherwise no key can change a decision. */
  readonly readsContext: boolean;
  /**
   * Whether any of them that may be about an action of this service's own API looks at tags of
   * resources, which then must be looked up.
   */
  readonly readsTags: boolean;
  /** The tags of the user or role itself. */
  readonly tags: readonly Tag[];
};

/** Policies ready to be evaluated. One snapshot answers one decision. */
export type PolicyCache = {
  readonly principal: (owner: PolicyOwner) => Promise<PrincipalPolicies>;
  /** The deciding text of a managed policy, AWS's or the customer's own. */
  readonly managedPolicy: (arn: string, kind: PolicyKind) => Promise<CompiledPolicy | undefined>;
  readonly trustPolicy: (role: IamEntity) => CompiledPolicy;
  /** The tags of a user or role itself. */
  readonly tags: (entityId: string) => Promise<readonly Tag[]>;
  readonly entity: (id: string) => Promise<IamEntity | undefined>;
  readonly roleByArn: (arn: string) => Promise<IamEntity | undefined>;
  readonly compiled: (text: string, kind: PolicyKind, name: string) => CompiledPolicy;
  /** Forgets what may have changed; called after every write to IAM. */
  readonly invalidate: () => void;
};

type CompileKey = {
  readonly kind: PolicyKind;
  readonly name: string;
  /** Ids of the users and roles that a trust policy names, by ARN. */
  readonly pins?: Readonly<Record<string, string>> | undefined;
};

/** Keeps compiled policies by principal; texts that have been compiled once stay compiled. */
export function createPolicyCache(db: Database): PolicyCache {
  const byText = new Map<string, CompiledPolicy>();
  let byOwner = new Map<string, Promise<PrincipalPolicies>>();
  let entities = new Map<string, Promise<IamEntity | undefined>>();
  let tagsByEntity = new Map<string, Promise<readonly Tag[]>>();

  const compiledWith = (text: string, { kind, name, pins = {} }: CompileKey): CompiledPolicy => {
    const key = `${kind}\n${name}\n${JSON.stringify(pins)}\n${text}`;
    const known = byText.get(key);
    if (known !== undefined) return known;
    const parsed = parsePolicy(text, { kind });
    // A stored policy was parsed before it was stored; one that does not parse allows nothing,
    // and since its Denies are lost, nothing else may be decided either.
    if (!parsed.ok) throw new Error(`The stored policy ${name} cannot be parsed.`);
    const policy = compile(parsed.policy, { name, pins: new Map(Object.entries(pins)) });
    if (byText.size >= textsMax) byText.clear();
    byText.set(key, policy);
    return policy;
  };
  const compiled = (text: string, kind: PolicyKind, name: string): CompiledPolicy =>
    compiledWith(text, { kind, name });

  const once = <T>(cache: Map<string, Promise<T>>, key: string, load: () => Promise<T>) => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    if (cache.size >= entitiesMax) cache.clear();
    const loading = load();
    cache.set(key, loading);
    loading.catch(() => cache.delete(key));
    return loading;
  };

  const principal = ({ entityId, sessionPolicyArns = [] }: PolicyOwner) =>
    once(byOwner, [entityId ?? "", ...sessionPolicyArns].join("\n"), async () => {
      // Read at one moment: half of the policies from before a change, half from after it, would
      // be a principal that never was.
      const texts = await db.snapshot(async (reader) => ({
        ...(await entityTexts(reader, entityId)),
        session: await Promise.all(sessionPolicyArns.map((arn) => managedText(reader, arn))),
      }));
      const { granting, boundary, session, tags } = texts;
      const limits = [boundary, ...session].filter((text) => text !== undefined);
      const keys = [...granting, ...limits].map(({ document }) => contextKeysIn(document));
      return {
        identity: combine(
          granting.map(({ document, name }) => compiled(document, "identity", name)),
        ),
        boundary: boundary && compiled(boundary.document, "boundary", boundary.name),
        session: session.map((text) => text && compiled(text.document, "session", text.name)),
        readsContext: keys.some(({ keys: read }) => read.length > 0),
        readsTags: keys.some(({ ownKeys }) => ownKeys.some((key) => /:resourcetag\//i.test(key))),
        tags,
      };
    });

  const entity = (id: string): Promise<IamEntity | undefined> =>
    once(entities, id, () => iamStore.findEntityById(db.read, id));

  return {
    compiled,
    principal,
    managedPolicy: async (arn, kind) => {
      const text = await managedText(db.read, arn);
      return text && compiled(text.document, kind, arn);
    },
    trustPolicy: ({ trustPolicy, name, record }) =>
      compiledWith(trustPolicy, { kind: "trust", name, pins: record.trustPins }),
    tags: (entityId) =>
      once(tagsByEntity, entityId, async () => {
        const owner = await entity(entityId);
        return owner === undefined ? [] : tagStore.list(db.read, owner.arn);
      }),
    entity,
    roleByArn: (arn) => once(entities, arn, () => iamStore.findEntityByArn(db.read, arn)),
    invalidate: () => {
      byOwner = new Map();
      entities = new Map();
      tagsByEntity = new Map();
    },
  };
}

type EntityTexts = {
  readonly granting: readonly InlinePolicy[];
  readonly boundary: InlinePolicy | undefined;
  readonly tags: readonly Tag[];
};

/** What a user or role has; the root user and services have nothing of the kind. */
async function entityTexts(db: Readable, entityId: string | undefined): Promise<EntityTexts> {
  if (entityId === undefined) return { granting: [], boundary: undefined, tags: [] };
  const groups = await iamGroups.listGroupsOf(db, entityId);
  const texts = await Promise.all([entityId, ...groups].map((id) => textsOf(db, id)));
  const [bound] = await iamPolicies.listAttached(db, entityId, "boundary");
  const boundary = bound === undefined ? undefined : await managedText(db, bound);
  // A boundary that cannot be found bounds everything: the decision fails, it never allows.
  if (bound !== undefined && boundary === undefined) throw new Error(`There is no ${bound}.`);
  const owner = await iamStore.findEntityById(db, entityId);
  const tags = owner === undefined ? [] : await tagStore.list(db, owner.arn);
  return { granting: texts.flat(), boundary, tags };
}

/** The inline and attached policies of one user, role or group. */
async function textsOf(db: Readable, entityId: string): Promise<readonly InlinePolicy[]> {
  const inline = await iamStore.listPolicies(db, entityId);
  const attached = await iamPolicies.listAttached(db, entityId, "permissions");
  const managed = await Promise.all(
    attached.map(async (arn) => {
      const text = await managedText(db, arn);
      // With the text its Denies would be lost: nothing can be decided without it.
      if (text === undefined) throw new Error(`The attached policy ${arn} cannot be found.`);
      return text;
    }),
  );
  return [...inline, ...managed];
}

async function managedText(db: Readable, arn: string): Promise<InlinePolicy | undefined> {
  const document = findAwsPolicy(arn)?.document ?? (await iamPolicies.findDocument(db, arn));
  return document === undefined ? undefined : { name: arn, document };
}

/**
 * The keys that a policy looks at, and those that it looks at for the service's own actions. By the
 * parsed policy, not its text: JSON can spell a key with escapes.
 */
function contextKeysIn(document: string): {
  readonly keys: readonly string[];
  readonly ownKeys: readonly string[];
} {
  const parsed = parsePolicy(document, { kind: "identity", takesOldVersions: true });
  if (!parsed.ok) return { keys: [unreadable], ownKeys: [unreadable] };
  const { policy } = parsed;
  const own = policy.statements.filter(
    ({ isNotAction, actions }) => isNotAction || actions.some(({ text }) => mayBeOwn(text)),
  );
  return { keys: contextKeysOf(policy), ownKeys: contextKeysOf({ ...policy, statements: own }) };
}

function mayBeOwn(action: string): boolean {
  const [service = ""] = action.toLowerCase().split(":", 1);
  return service === "qbusiness" || /[*?]/.test(service);
}

/** What cannot be read may look at anything. */
const unreadable = "aws:ResourceTag/*";
