// The tables of the network, as Kysely sees them; see `schema.ts`.

/** Tables of `0009-network.ts`. */
export type NetworkTables = { network_attachment: NetworkAttachmentTable };

/** What stands for a network interface: one data source in one zone, for one sync. */
export type NetworkAttachmentTable = {
  /** `eni-…` */
  id: string;
  account_id: string;
  application_id: string;
  data_source_id: string;
  execution_id: string;
  subnet_id: string;
  vpc_id: string;
  availability_zone: string;
  /** Ids as JSON. */
  security_group_ids: string;
  /** Key and value as JSON; set when it was made. */
  tags: string;
  status: string;
  /** `role` or `service`, once it is released. */
  released_by: string | null;
  created_at: number;
  updated_at: number;
};
