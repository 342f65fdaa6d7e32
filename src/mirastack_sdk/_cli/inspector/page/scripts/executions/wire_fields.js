/** The fields of the messages of a call, as plugin.proto numbers them. */

/** @type {{[number: number]: string}} */
export const REQUEST_FIELDS = {
  1: "execution_id", 2: "step_id", 3: "action_id", 4: "params_json", 5: "execution_mode",
  6: "context", 7: "time_range", 8: "tenant_id", 9: "workflow_id",
};

/** @type {{[number: number]: string}} */
export const RESPONSE_FIELDS = {
  1: "success", 2: "result_json", 3: "error", 4: "duration_ms", 5: "logs",
};
