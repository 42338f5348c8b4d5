import { compile, type CompiledPolicy, parsePolicy, type PolicyKind } from "../iam/iam.ts";
import { type Database, type IamEntity, iamStore } from "../store/store.ts";

const textsMax = 5000;
const entitiesMax = 5000;

/** Policies ready to be evaluated. One snapshot answers one decision. */
export type PolicyCache = {
  /** The inline policies of a user or role. */
  readonly identityPolicies: (entityId: string) => Promise<readonly CompiledPolicy[]>;
  /** Whether any of them looks at tags of resources, which then must be looked up. */
  readonly readsTags: (entityId: string) => Promise<boolean>;
  readonly trustPolicy: (role: IamEntity) => CompiledPolicy;
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

/** Keeps compiled policies by principal; texts that have been compiled once stay compiled. */
export function createPolicyCache(db: Database): PolicyCache {
  const byText = new Map<string, CompiledPolicy>();
  let byEntity = new Map<string, Promise<EntityPolicies>>();
  let entities = new Map<string, Promise<IamEntity | undefined>>();

  const compiled = (text: string, kind: PolicyKind, name: string): CompiledPolicy => {
    const key = `${kind}\n${name}\n${text}`;
    const known = byText.get(key);
    if (known !== undefined) return known;
    const parsed = parsePolicy(text, { kind });
    // A stored policy was parsed before it was stored; one that does not parse allows nothing,
    // and since its Denies are lost, nothing else may be decided either.
    if (!parsed.ok) throw new Error(`The stored policy ${name} cannot be parsed.`);
    const policy = compile(parsed.policy, { name });
    if (byText.size >= textsMax) byText.clear();
    byText.set(key, policy);
    return policy;
  };

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

  return {
    compiled,
    identityPolicies: async (entityId) => (await policiesOf(entityId)).policies,
    readsTags: async (entityId) => (await policiesOf(entityId)).readsTags,
    trustPolicy: (role) => compiled(role.trustPolicy, "trust", role.name),
    entity: (id) => once(entities, id, () => iamStore.findEntityById(db.read, id)),
    roleByArn: (arn) => once(entities, arn, () => iamStore.findEntityByArn(db.read, arn)),
    invalidate: () => {
      byEntity = new Map();
      entities = new Map();
    },
  };
}
