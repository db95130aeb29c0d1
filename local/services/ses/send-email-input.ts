/** SendEmail as on the wire: blobs are base64. */
export interface SendEmailInput {
  readonly FromEmailAddress?: string;
  readonly Destination?: DestinationInput;
  readonly ReplyToAddresses?: readonly string[];
  readonly Content?: ContentInput;
  readonly EmailTags?: readonly { readonly Name?: string; readonly Value?: string }[];
  readonly ConfigurationSetName?: string;
}

export interface DestinationInput {
  readonly ToAddresses?: readonly string[];
  readonly CcAddresses?: readonly string[];
  readonly BccAddresses?: readonly string[];
}

export interface ContentInput {
  readonly Simple?: SimpleInput;
  readonly Raw?: { readonly Data?: string };
}

export interface SimpleInput {
  readonly Subject?: TextInput;
  readonly Body?: { readonly Text?: TextInput; readonly Html?: TextInput };
  readonly Headers?: readonly { readonly Name?: string; readonly Value?: string }[];
  readonly Attachments?: readonly AttachmentInput[];
}

export interface TextInput {
  readonly Data?: string;
  readonly Charset?: string;
}

export interface AttachmentInput {
  readonly RawContent?: string;
  readonly FileName?: string;
  readonly ContentDisposition?: string;
  readonly ContentDescription?: string;
  readonly ContentId?: string;
  readonly ContentTransferEncoding?: string;
  readonly ContentType?: string;
}

/** Members that SES knows and this cloud does not serve. */
export const UNSERVED_MEMBERS = [
  'EndpointId',
  'FeedbackForwardingEmailAddress',
  'FeedbackForwardingEmailAddressIdentityArn',
  'FromEmailAddressIdentityArn',
  'ListManagementOptions',
  'TenantName',
] as const;
