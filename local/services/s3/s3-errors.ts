import { AwsError } from '#local/kernel/aws-error.ts';

/** S3's errors with the messages and statuses of AWS; further fields become elements of the XML. */
export const noSuchBucket = (bucket: string): AwsError =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });

export const noSuchKey = (key: string): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });

export const noSuchVersion = (key: string, versionId: string): AwsError =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  });

export const noSuchUpload = (uploadId: string): AwsError =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  );

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: condition },
  );

export const notImplemented = (header: string, why?: string): AwsError =>
  new AwsError(
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    501,
    { Header: header, ...(why && { additionalMessage: why }) },
  );

export const accessDenied = (message = 'Access Denied'): AwsError =>
  new AwsError('AccessDenied', message, 403);

export const invalidArgument = (message: string, name: string, value?: string): AwsError =>
  new AwsError('InvalidArgument', message, 400, {
    ArgumentName: name,
    ...(value !== undefined && { ArgumentValue: value }),
  });

export const invalidRequest = (message: string): AwsError =>
  new AwsError('InvalidRequest', message);

export const malformedXml = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
