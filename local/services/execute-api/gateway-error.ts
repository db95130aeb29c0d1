/**
 * An answer that API Gateway itself gives, after its default gateway responses. Its name travels as
 * `x-amzn-ErrorType`.
 */
export class GatewayError extends Error {
  readonly status: number;
  /** The body: its member is `message` in most answers, `Message` where access is denied. */
  readonly body: Readonly<Record<string, string | null>>;

  constructor(name: string, status: number, body: Readonly<Record<string, string | null>>) {
    super(body.message ?? body.Message ?? name);
    this.name = name;
    this.status = status;
    this.body = body;
  }
}

export const missingRoute = (): GatewayError =>
  new GatewayError('MissingAuthenticationTokenException', 403, {
    message: 'Missing Authentication Token',
  });

export const unauthorized = (): GatewayError =>
  new GatewayError('UnauthorizedException', 401, { message: 'Unauthorized' });

/** @param isExplicit a statement denies, rather than none allowing */
export const accessDenied = (isExplicit: boolean): GatewayError =>
  new GatewayError('AccessDeniedException', 403, {
    Message: `User is not authorized to access this resource${isExplicit ? ' with an explicit deny' : ''}`,
  });

/** The authorizer failed, or answered what is no policy. */
export const authorizerFailed = (): GatewayError =>
  new GatewayError('AuthorizerConfigurationException', 500, { message: null });

/** @param status 502 for an answer that is none, 500 for a function that cannot be called */
export const integrationFailed = (status: 500 | 502): GatewayError =>
  new GatewayError('InternalServerErrorException', status, { message: 'Internal server error' });

export const timedOut = (): GatewayError =>
  new GatewayError('InternalServerErrorException', 504, { message: 'Endpoint request timed out' });

export const tooLarge = (): GatewayError =>
  new GatewayError('RequestTooLargeException', 413, { message: 'Request Too Long' });

/** There is no such API or stage. */
export const forbidden = (): GatewayError =>
  new GatewayError('ForbiddenException', 403, { message: 'Forbidden' });
