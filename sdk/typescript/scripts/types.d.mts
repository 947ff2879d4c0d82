export function portable(document: object): string;
export function typesOf(document: object): Promise<string>;
