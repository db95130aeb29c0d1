/** The URL of a queue, as SQS itself would give it. */
export function queueUrl(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
