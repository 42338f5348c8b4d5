/** A policy document as it is written: JSON. */
export type PolicyDocument = {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
};

/** An application in its account. */
export type ApplicationPlace = {
  readonly region: string;
  readonly accountId: string;
  readonly applicationId: string;
};

/** An index and the bucket that fills it. */
export type ConnectorPlace = ApplicationPlace & {
  readonly indexId: string;
  readonly bucket: string;
};

/** ARN of an application. */
export function applicationArn({ region, accountId, applicationId }: ApplicationPlace): string {
  return `arn:aws:qbusiness:${region}:${accountId}:application/${applicationId}`;
}

/**
 * What the S3 connector's role may do: read one bucket, fill one index, keep its users and groups.
 * Source: "IAM role for Amazon S3 connector", user guide, with its placeholders filled in.
 */
export function s3ConnectorPolicy(place: ConnectorPlace): PolicyDocument {
  const application = applicationArn(place);
  const index = `${application}/index/${place.indexId}`;
  const owned = { StringEquals: { "aws:ResourceAccount": place.accountId } };
  return policy([
    {
      Sid: "AllowsAmazonQToGetObjectfromS3",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [`arn:aws:s3:::${place.bucket}/*`],
      Condition: owned,
    },
    {
      Sid: "AllowsAmazonQToListS3Buckets",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [`arn:aws:s3:::${place.bucket}`],
      Condition: owned,
    },
    {
      Sid: "AllowsAmazonQToIngestDocuments",
      Effect: "Allow",
      Action: ["qbusiness:BatchPutDocument", "qbusiness:BatchDeleteDocument"],
      Resource: index,
    },
    {
      Sid: "AllowsAmazonQToCallPrincipalMappingAPIs",
      Effect: "Allow",
      Action: [
        "qbusiness:PutGroup",
        "qbusiness:CreateUser",
        "qbusiness:DeleteGroup",
        "qbusiness:UpdateUser",
        "qbusiness:ListGroups",
      ],
      Resource: [application, index, `${index}/data-source/*`],
    },
  ]);
}

/**
 * Who may take up the S3 connector's role: the service, for one application. The published text
 * leaves the service's name empty, which IAM refuses; `qbusiness.amazonaws.com` is meant. Source:
 * "IAM role for Amazon S3 connector", user guide.
 */
export function s3ConnectorTrustPolicy(place: ApplicationPlace): PolicyDocument {
  return policy([
    {
      Sid: "AllowsAmazonQToAssumeRoleForServicePrincipal",
      Effect: "Allow",
      Principal: { Service: "qbusiness.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": place.accountId },
        ArnLike: { "aws:SourceArn": applicationArn(place) },
      },
    },
  ]);
}

/**
 * What a program may do that asks on behalf of anonymous visitors, and nothing else. Source:
 * "Example IAM policies for Amazon Q Business application environment supporting anonymous access",
 * user guide (without its doubled comma).
 */
export function anonymousApiPolicy(place: ApplicationPlace): PolicyDocument {
  return policy([
    {
      Sid: "QBusinessAnonymousConversationAPIPermissions",
      Effect: "Allow",
      Action: ["qbusiness:Chat", "qbusiness:ChatSync", "qbusiness:PutFeedback"],
      Resource: applicationArn(place),
    },
  ]);
}

/**
 * Who may take up the role of such a program. The published recipe makes a role without a trust
 * policy, which IAM refuses: the program's own principal is meant, not a service.
 */
export function anonymousApiTrustPolicy(principalArn: string): PolicyDocument {
  return policy([
    {
      Sid: "QBusinessAnonymousConversationAPICaller",
      Effect: "Allow",
      Principal: { AWS: principalArn },
      Action: "sts:AssumeRole",
    },
  ]);
}

/** What the anonymous web experience's role may do. Source: as `anonymousApiPolicy`. */
export function anonymousWebPolicy(place: ApplicationPlace): PolicyDocument {
  return policy([
    {
      Sid: "QBusinessAnonymousWebExperienceConversationPermissions",
      Effect: "Allow",
      Action: [
        "qbusiness:Chat",
        "qbusiness:ChatSync",
        "qbusiness:PutFeedback",
        "qbusiness:GetChatControlsConfiguration",
        "qbusiness:GetApplication",
      ],
      Resource: applicationArn(place),
    },
  ]);
}

/** Who may take up the anonymous web experience's role. Source: as `anonymousApiPolicy`. */
export function anonymousWebTrustPolicy(place: ApplicationPlace): PolicyDocument {
  return policy([
    {
      Sid: "QBusinessTrustPolicy",
      Effect: "Allow",
      Principal: { Service: "application.qbusiness.amazonaws.com" },
      Action: ["sts:AssumeRole"],
      Condition: {
        StringEquals: { "aws:SourceAccount": place.accountId },
        ArnEquals: { "aws:SourceArn": applicationArn(place) },
      },
    },
  ]);
}

function policy(statements: PolicyDocument["Statement"]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}
