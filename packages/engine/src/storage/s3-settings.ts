/** Access to an S3-compatible store; the same values reach objects and datasets (URI-8). */
export interface S3Settings {
  readonly region: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly endpoint?: string;
  readonly forcePathStyle: boolean;
  readonly allowHttp: boolean;
}

const isTrue = (text: string | undefined): boolean => text !== undefined && /^(1|true|yes)$/i.test(text);

/** Reads the variables of URI-8 from `environment`. Empty values count as unset. */
export function parseS3Environment(environment: Readonly<Record<string, string | undefined>>): S3Settings {
  const get = (name: string): string | undefined => environment[name] || undefined;
  const accessKeyId = get("AWS_ACCESS_KEY_ID");
  const secretAccessKey = get("AWS_SECRET_ACCESS_KEY");
  const sessionToken = get("AWS_SESSION_TOKEN");
  const endpoint = get("AWS_ENDPOINT_URL_S3") ?? get("AWS_ENDPOINT_URL");
  return {
    region: get("AWS_REGION") ?? get("AWS_DEFAULT_REGION") ?? "us-east-1",
    forcePathStyle: isTrue(get("AWS_S3_FORCE_PATH_STYLE")),
    allowHttp: isTrue(get("AWS_ALLOW_HTTP")),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
