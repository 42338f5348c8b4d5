/** A policy that the service brings along; nobody can change it. */
export type AwsPolicy = {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly document: string;
};

function awsPolicy(
  id: string,
  { path, name }: Pick<AwsPolicy, "path" | "name">,
  statements: object,
): AwsPolicy {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements }, null, 2);
  return { id, name, path, arn: `arn:aws:iam::aws:policy${path}${name}`, document };
}

const logGroup = "arn:aws:logs:*:*:log-group:/aws/qbusiness/*";
const ownAccount = { StringEquals: { "aws:ResourceAccount": "${aws:PrincipalAccount}" } };

/** The AWS managed policies that mean something here ("AWS managed policies", by name). */
export const awsPolicies: readonly AwsPolicy[] = [
  awsPolicy("ANPAQUARRYAAAAAAAAAA", { path: "/", name: "AdministratorAccess" }, [
    { Effect: "Allow", Action: "*", Resource: "*" },
  ]),
  awsPolicy(
    "ANPAQUARRYAAAAAAAAAB",
    { path: "/aws-service-role/", name: "QBusinessServiceRolePolicy" },
    [
      {
        Sid: "QBusinessPutMetricDataPermission",
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData"],
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": "AWS/QBusiness" } },
      },
      {
        Sid: "QBusinessCreateLogGroupPermission",
        Effect: "Allow",
        Action: ["logs:CreateLogGroup"],
        Resource: [logGroup],
        Condition: ownAccount,
      },
      {
        Sid: "QBusinessDescribeLogGroupsPermission",
        Effect: "Allow",
        Action: ["logs:DescribeLogGroups"],
        Resource: "*",
        Condition: ownAccount,
      },
      {
        Sid: "QBusinessLogStreamPermission",
        Effect: "Allow",
        Action: ["logs:DescribeLogStreams", "logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`${logGroup}:log-stream:*`],
        Condition: ownAccount,
      },
    ],
  ),
];

const byArn = new Map(awsPolicies.map((policy) => [policy.arn, policy]));

/** By ARN. */
export function findAwsPolicy(arn: string): AwsPolicy | undefined {
  return byArn.get(arn);
}
