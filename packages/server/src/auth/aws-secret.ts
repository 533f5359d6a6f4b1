import { TokenSourceError } from "../boot/errors.js";

const PACKAGE = "@aws-sdk/client-secrets-manager";

/** What this program uses of the optional client. */
interface SecretsModule {
  readonly SecretsManager: new (settings: object) => { getSecretValue(input: { SecretId: string }): Promise<{ SecretString?: string }>; destroy(): void };
}

/**
 * The text of a secret in AWS Secrets Manager. Region and credentials come from the standard chain of the client, which is an optional
 * dependency and loaded only here (policy.md 1.3).
 *
 * @throws TokenSourceError
 */
export async function readAwsSecret(secretId: string, variable: string): Promise<string> {
  const { SecretsManager } = await loadClient(variable);
  const client = new SecretsManager({});
  try {
    const { SecretString } = await client.getSecretValue({ SecretId: secretId });
    if (SecretString === undefined || SecretString.trim() === "") {
      throw new TokenSourceError(variable, "the secret holds no text", "Store the JSON object of actors and tokens as the secret's text, not as binary.");
    }
    return SecretString;
  } catch (error) {
    if (error instanceof TokenSourceError) throw error;
    throw new TokenSourceError(variable, `the secret cannot be read (${(error as Error).name})`, "Check the name of the secret, the region and the credentials.");
  } finally {
    client.destroy();
  }
}

async function loadClient(variable: string): Promise<SecretsModule> {
  const name: string = PACKAGE;
  try {
    return (await import(name)) as SecretsModule;
  } catch {
    throw new TokenSourceError(variable, `the package ${PACKAGE} is not installed`, `Install it beside omnigraph-server, or give the tokens in another way.`);
  }
}
