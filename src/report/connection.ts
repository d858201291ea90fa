/** How `connect` looks as text. */

export interface ConnectionPicture {
  readonly address: string;
  readonly database: string;
  readonly user: string;
  readonly secret: string;
  /** Undefined: it stays where it is. */
  readonly password: string | undefined;
  readonly passwordCommand: string;
  readonly psql: string;
  readonly remarks: readonly string[];
  readonly others: string;
}

/** The address with its login, the line for psql, what matters, and where the other clients' strings are. */
export function connectionText(picture: ConnectionPicture): string {
  const { address, database, user, secret, password, passwordCommand, psql, remarks, others } = picture;
  return [
    `address:  ${address}`,
    `database: ${database}`,
    `user:     ${user}`,
    `password: ${password ?? `secret ${secret} in Secrets Manager, key password`}`,
    '',
    passwordCommand,
    psql,
    '',
    ...remarks.map((remark) => `- ${remark}`),
    '',
    `other clients: ${others}`,
  ].join('\n');
}
