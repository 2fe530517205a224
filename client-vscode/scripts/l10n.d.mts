export function textsOf(source: string, name?: string): string[];
export function bundle(): string;
