import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Io } from "../io.js";
import { CredentialsFileError, NoOperatorHomeError, TokenInvalidError } from "./errors.js";
import { operatorHome } from "./home.js";
import { replaceFile } from "./replace-file.js";

/** Permission bits of group and others. */
const SHARED_BITS = 0o077;
const PRIVATE_MODE = 0o600;

/** Gives every byte back, or fails: what is not of one section is written as it was read. */
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where tokens are stored. Throws {@link NoOperatorHomeError}. */
export function credentialsPathOf(io: Io): string {
  const home = operatorHome(io);
  if (home === undefined) throw new NoOperatorHomeError("credentials");
  return join(home, "credentials");
}

/**
 * The token stored for a server (§7.4.2): the last non-empty one of its sections.
 *
 * @returns undefined when there is no file, no section or no token
 * @throws CredentialsFileError when others may read the file, or it cannot be read
 */
export async function readCredential(path: string, server: string): Promise<string | undefined> {
  let token: string | undefined;
  let section: string | undefined;
  for (const line of (await readCredentialsText(path)).split("\n")) {
    section = sectionOf(line) ?? section;
    if (section === server) token = tokenOf(line) ?? token;
  }
  return token;
}

/**
 * Puts the token into the server's section, or removes the section; every other line stays byte for byte (§7.4.4). Creates the
 * folder and the file for nobody but their owner.
 *
 * @param token undefined removes
 * @returns whether the file is another one now
 * @throws CredentialsFileError, TokenInvalidError; the file is then as it was
 */
export async function storeCredential(path: string, server: string, token: string | undefined): Promise<boolean> {
  if (token !== undefined) checkToken(token);
  const before = await readCredentialsText(path);
  const kept = withoutSection(before, server);
  if (token === undefined && kept === before) return false;
  const after = token === undefined ? kept : withSection(kept, server, token);
  try {
    await replaceFile(path, after, PRIVATE_MODE);
    return true;
  } catch (cause) {
    throw new CredentialsFileError(`'${path}' was not written: ${reasonOf(cause)}`, { hint: "Make its folder writable, or set OMNIGRAPH_HOME to another one.", cause });
  }
}

function checkToken(token: string): void {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(token)) {
    throw new TokenInvalidError("the token contains a line break or another control character", { hint: "Pass exactly the token, as one line." });
  }
}

async function readCredentialsText(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw unreadable(path, cause);
  }
  try {
    const { mode } = await file.stat();
    if (process.platform !== "win32" && (mode & SHARED_BITS) !== 0) {
      const octal = (mode & 0o7777).toString(8).padStart(4, "0");
      throw new CredentialsFileError(`'${path}' has mode ${octal}, so others may use its tokens`, { hint: `Run: chmod 600 ${path}` });
    }
    return TEXT.decode(await file.readFile());
  } catch (cause) {
    throw cause instanceof CredentialsFileError ? cause : unreadable(path, cause);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, cause: unknown): CredentialsFileError {
  return new CredentialsFileError(`'${path}' cannot be read: ${reasonOf(cause)}`, { hint: "Make it a file that only you may read: mode 600.", cause });
}

function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "it is not valid UTF-8";
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (code === "" ? String(error) : code);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "its folder is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a part of its path is a file",
};

function sectionOf(line: string): string | undefined {
  return /^\[([^\]]*)\]$/.exec(line.trim())?.[1]?.trim();
}

function tokenOf(line: string): string | undefined {
  const value = /^token\s*=\s*(.*)$/.exec(line.trim())?.[1]?.trim();
  const unquoted = value === undefined ? undefined : (/^(['"])(.*)\1$/.exec(value)?.[2] ?? value);
  return unquoted === "" ? undefined : unquoted;
}

/** Keeps the line ends it finds. */
function withoutSection(text: string, server: string): string {
  let section: string | undefined;
  const kept = text.split(/(?<=\n)/).filter((line) => {
    section = sectionOf(line) ?? section;
    return section !== server;
  });
  return kept.join("");
}

function withSection(text: string, server: string, token: string): string {
  const gap = text === "" ? "" : `${text.endsWith("\n") ? "" : "\n"}${/\n\r?\n$/.test(text) ? "" : "\n"}`;
  // A reader trims and removes one pair of quotes, so a token that has either is wrapped.
  const written = /^\s|\s$|^(['"]).*\1$/.test(token) ? (token.includes('"') ? `'${token}'` : `"${token}"`) : token;
  return `${text}${gap}[${server}]\ntoken = ${written}\n`;
}
