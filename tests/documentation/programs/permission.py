from mirastack_sdk.plugin import Permission

Permission.READ # Query only — no side effects
Permission.MODIFY # Changes state — always requires human approval
Permission.ADMIN # Critical ops (delete, destroy) — always requires human approval
