import {
  contextKeysOf,
  compile,
  type CompiledPolicy,
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
  type Tag,
  tags as tagStore,
} from "../store/store.ts";
import { findAwsPolicy } from "./aws-policies.ts";

const textsMax = 5000;
const entitiesMax = 5000;

/** Policies ready to be evaluated. One snapshot answers one decision. */
export type PolicyCache = {
  /** Inline and attached policies of a user or role, and those of the user's groups. */
  readonly identityPolicies: (entityId: string) => Promise<readonly CompiledPolicy[]>;
  /** The policy that bounds a user or role, where there is one. */
  readonly boundary: (entityId: string) => Promise<CompiledPolicy | undefined>;
  /** The deciding text of a managed policy, AWS's or the customer's own. */
  readonly managedPolicy: (arn: string, kind: PolicyKind) => Promise<CompiledPolicy | undefined>;
  /** Whether any of them looks at tags of resources, which then must be looked up. */
  readonly readsTags: (entityId: string) => Promise<boolean>;
  readonly trustPolicy: (role: IamEntity) => CompiledPolicy;
  /** The tags of a user or role itself. */
  readonly tags: (entityId: string) => Promise<readonly Tag[]>;
  readonly entity: (id: string) => Promise<IamEntity | undefined>;
  readonly roleByArn: (arn: string) => Promise<IamEntity | undefined>;
  readonly compiled: (text: string, kind: PolicyKind, name: string) => CompiledPolicy;
  /** Forgets what may have changed; called after every write to IAM. */
  readonly invalidate: () => void;
};

type EntityPolicies = {
  readonly policies: readonly CompiledPolicy[];
  readonly boundary: CompiledPolicy | undefined;
  readonly readsTags: boolean;
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
  let byEntity = new Map<string, Promise<EntityPolicies>>();
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

  const policiesOf = (entityId: string): Promise<EntityPolicies> =>
    once(byEntity, entityId, async () => {
      const groups = await iamGroups.listGroupsOf(db.read, entityId);
      const texts = await Promise.all([entityId, ...groups].map((id) => textsOf(db, id)));
      const granting = texts.flat();
      const [bound] = await iamPolicies.listAttached(db.read, entityId, "boundary");
      const boundary = bound === undefined ? undefined : await managedText(db, bound);
      // A boundary that cannot be found bounds everything: the decision fails, it never allows.
      if (bound !== undefined && boundary === undefined) throw new Error(`There is no ${bound}.`);
      const all = boundary === undefined ? granting : [...granting, boundary];
      return {
        policies: granting.map(({ document, name }) => compiled(document, "identity", name)),
        boundary: boundary && compiled(boundary.document, "boundary", boundary.name),
        readsTags: all.some(({ document }) => readsResourceTags(document)),
      };
    });

  const entity = (id: string): Promise<IamEntity | undefined> =>
    once(entities, id, () => iamStore.findEntityById(db.read, id));

  return {
    compiled,
    identityPolicies: async (entityId) => (await policiesOf(entityId)).policies,
    boundary: async (entityId) => (await policiesOf(entityId)).boundary,
    managedPolicy: async (arn, kind) => {
      const text = await managedText(db, arn);
      return text && compiled(text.document, kind, arn);
    },
    readsTags: async (entityId) => (await policiesOf(entityId)).readsTags,
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
      byEntity = new Map();
      entities = new Map();
      tagsByEntity = new Map();
    },
  };
}

/** The inline and attached policies of one user, role or group. */
async function textsOf(db: Database, entityId: string): Promise<readonly InlinePolicy[]> {
  const inline = await iamStore.listPolicies(db.read, entityId);
  const attached = await iamPolicies.listAttached(db.read, entityId, "permissions");
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

async function managedText(db: Database, arn: string): Promise<InlinePolicy | undefined> {
  const document = findAwsPolicy(arn)?.document ?? (await iamPolicies.findDocument(db.read, arn));
  return document === undefined ? undefined : { name: arn, document };
}

/** By the parsed policy, not its text: JSON can spell a key with escapes. */
function readsResourceTags(document: string): boolean {
  const parsed = parsePolicy(document, { kind: "identity", takesOldVersions: true });
  if (!parsed.ok) return true;
  return contextKeysOf(parsed.policy).some((key) => /:resourcetag\//i.test(key));
}
