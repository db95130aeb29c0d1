/**
 * AWS list prices in US dollars, us-east-1, without free tiers, as published on the services' pricing
 * pages by November 2026. The only place where prices stand.
 */
export const PRICES = {
  /** Per state transition of a Standard workflow. */
  transition: 0.000025,
  /** Per Lambda request, and per GB-second on arm64. */
  lambdaRequest: 0.0000002,
  lambdaGbSecond: 0.0000133334,
  /** Per DynamoDB write and read request unit, on demand. */
  dynamoWriteUnit: 0.000000625,
  dynamoReadUnit: 0.000000125,
  /** Per SQS request. */
  sqsRequest: 0.0000004,
  /** Per S3 PUT and GET. */
  s3Put: 0.000005,
  s3Get: 0.0000004,
  /** Per KMS request, symmetric and ECC signing. */
  kmsRequest: 0.000003,
  kmsSign: 0.000015,
  /** Per event on a custom bus; AWS's own events are free. */
  event: 0.000001,
  /** Per REST API request. */
  apiRequest: 0.0000035,
  /** Per Fargate vCPU-second and GB-second on arm64; a minute is the least. */
  fargateVcpuSecond: 0.00000899,
  fargateGbSecond: 0.00000099,
  fargateLeastSeconds: 60,
  /** A month of one KMS key, one secret, one alarm beyond none, one dashboard. */
  kmsKeyMonth: 1,
  secretMonth: 0.4,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  /** A month of a GB in Aurora, of an ACU-hour. */
  auroraGbMonth: 0.1,
  acuHour: 0.12,
  /** An hour of an interface endpoint in one zone; a month of a web ACL and of one rule. */
  interfaceEndpointHour: 0.01,
  webAclMonth: 5,
  webAclRuleMonth: 1,
} as const;

export const HOURS_A_MONTH = 730;
