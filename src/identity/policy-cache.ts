import { compile, type CompiledPolicy, parsePolicy, type PolicyKind } from "../iam/iam.ts";
import {
  type Database,
  type IamEntity,
  iamStore,
  type Tag,
  tags as tagStore,
} from "../store/store.ts";

const textsMax = 5000;
const entitiesMax = 5000;

/** Policies ready to be evaluated. One snapshot answers one decision. */
export type PolicyCache = {
  /** The inline policies of a user or role. */
  readonly identityPolicies: (entityId: string) => Promise<readonly CompiledPolicy[]>;
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
      const stored = await iamStore.listPolicies(db.read, entityId);
      return {
        policies: stored.map(({ name, document }) => compiled(document, "identity", name)),
        readsTags: stored.some(({ document }) => /:ResourceTag/i.test(document)),
      };
    });

  const entity = (id: string): Promise<IamEntity | undefined> =>
    once(entities, id, () => iamStore.findEntityById(db.read, id));

  return {
    compiled,
    identityPolicies: async (entityId) => (await policiesOf(entityId)).policies,
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
