import { folderOf, formatQuery, type Query } from "@/address/address";

// An answer that is not what was asked for. Status 0: there was no answer at all.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const tokenKey = "waybill.token";
const listeners = new Set<() => void>();
let isTokenWanted = false;
let isPutOff = false; // somebody closed the question

// The token lives as long as the browser's tab, and goes nowhere but to this server.
export const token = {
  read: (): string | null => sessionStorage.getItem(tokenKey),
  keep(value: string): void {
    sessionStorage.setItem(tokenKey, value.trim());
    setWanted(false);
  },
  isWanted: (): boolean => isTokenWanted && !isPutOff,
  // Nobody is asked again before ask(): what a live page asks meanwhile is refused, too.
  putOff(): void {
    isPutOff = true;
    tell();
  },
  ask(): void {
    isPutOff = false;
    tell();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function setWanted(value: boolean): void {
  isTokenWanted = value;
  tell();
}

function tell(): void {
  for (const listener of listeners) {
    listener();
  }
}

export function urlOf(path: string, query: Query = {}): string {
  return `${folderOf(location.pathname)}api/v1${path}${formatQuery(query)}`;
}

let running = 0;

// Whether an answer is on its way: a page that follows the time does not ask again before it is there.
export function isAsking(): boolean {
  return running > 0;
}

async function request(url: string, signal?: AbortSignal): Promise<Response> {
  const sent = token.read();
  const headers: Record<string, string> = { Accept: "application/json" };
  if (sent) {
    headers.Authorization = `Bearer ${sent}`;
  }
  const response = await fetch(url, { headers, signal: signal ?? null }).catch((error: unknown) => {
    throw error instanceof DOMException ? error : new ApiError(0, "The server does not answer.");
  });
  // A token that was given meanwhile is not the one that was refused.
  if (response.status === 401 && token.read() === sent) {
    setWanted(true);
  }
  if (!response.ok) {
    throw new ApiError(response.status, await errorText(response));
  }
  return response;
}

async function errorText(response: Response): Promise<string> {
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body && "error" in body && typeof body.error === "string") {
      return body.error;
    }
  } catch {
    // No JSON: some proxy answered. The status says enough.
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

export async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  running++;
  try {
    return await askOnce<T>(url, signal);
  } finally {
    running--;
  }
}

async function askOnce<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await request(url, signal);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw error instanceof DOMException ? error : new ApiError(0, "The server's answer is no JSON.");
  }
}

export async function askText(url: string): Promise<string> {
  return (await request(url)).text();
}
