/** The policy of a tenant that brings none: the seed's example, for the tools that exist. */
export const DEFAULT_POLICY_YAML = `version: "1.0"

rules:
  - name: "outgoing_mail"
    action: "send_email"
    requires_approval: true
    risk_level: medium

  - name: "web_browsing"
    action: "open_url"
    requires_approval: false
    risk_level: low
    blacklist:
      - "*.onion"
      - "malware-db.com"

  - name: "code_execution"
    action: "execute_code"
    requires_approval: false
    risk_level: medium
    sandbox: true
    timeout: 600
`;
