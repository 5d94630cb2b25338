/** What shows that it is the owner of the account who asks. */
export interface Proof {
  password: string
  /** Of the authenticator app, if the account has one. */
  code?: string
}
