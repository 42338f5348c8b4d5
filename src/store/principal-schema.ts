// The tables of the user store; migration 0004 makes them.
import type { Generated } from "kysely";

/** Every table of the user store. */
export type PrincipalTables = {
  principal_user: PrincipalUserTable;
  principal_alias: PrincipalAliasTable;
  principal_scope: PrincipalScopeTable;
  principal_group: PrincipalGroupTable;
  principal_group_event: PrincipalGroupEventTable;
  principal_member: PrincipalMemberTable;
  principal_version: PrincipalVersionTable;
};

/** Users of applications; `user_id` is canonical, `name` as it was first given. */
type PrincipalUserTable = {
  key: Generated<number>;
  application_id: string;
  user_id: string;
  name: string;
  subject_id: string;
  created_at: number;
};

/** Index and data source are empty where the alias counts everywhere. */
type PrincipalAliasTable = {
  key: Generated<number>;
  user_key: number;
  application_id: string;
  index_id: string;
  data_source_id: string;
  alias: string;
  name: string;
};

/** What names of groups and members mean something in: an index, or one data source of it. */
type PrincipalScopeTable = {
  key: Generated<number>;
  application_id: string;
  index_id: string;
  data_source_id: string;
};

type PrincipalGroupTable = {
  key: Generated<number>;
  scope_key: number;
  name: string;
  /** The event of the last accepted put or deletion. */
  epoch: number;
  is_deleted: number;
  accepted_at: number;
};

type PrincipalGroupEventTable = {
  sequence: Generated<number>;
  group_key: number;
  status: string;
  error_code: string;
  error_message: string;
  at: number;
};

/** `kind` is 0 for users, 1 for groups; `scope_key` that of the member's name. */
type PrincipalMemberTable = {
  scope_key: number;
  kind: number;
  name: string;
  group_key: number;
};

/** Grows with each change of an application's users, or of an index's groups. */
type PrincipalVersionTable = { scope: string; version: number };
