import { AwsError } from '#local/kernel/aws-error.ts';

export const clusterNotFound = (): AwsError =>
  new AwsError('ClusterNotFoundException', 'Cluster not found.');

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

/** The request is understood and cannot be done. */
export const clientFault = (message: string): AwsError => new AwsError('ClientException', message);
