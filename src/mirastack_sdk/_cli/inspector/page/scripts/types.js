/**
 * The data that the server sends, as docs/inspector.md describes it. Times are epoch milliseconds.
 *
 * @typedef {{[key: string]: Json}} JsonObject
 * @typedef {null | boolean | number | bigint | string | JsonList | JsonObject} Json
 * @typedef {Json[]} JsonList
 * @typedef {{[key: string]: any}} Schema a JSON schema
 *
 * @typedef {object} Param
 * @property {string} name
 * @property {string} type
 * @property {boolean} required
 * @property {string} description
 * @property {string | null} default
 * @property {string[] | null} enum
 *
 * @typedef {object} Intent
 * @property {string} pattern
 * @property {number} priority
 * @property {string} description
 * @property {string} [action]
 *
 * @typedef {object} Action
 * @property {string} name
 * @property {string} description
 * @property {string} permission
 * @property {string[]} stages
 * @property {boolean | null} accepts_time_range `null` if the agent does not say it
 * @property {string | null} default_range what the action takes without one, such as `last 7 days`
 * @property {Param[]} input_params
 * @property {Schema | null} input_schema
 * @property {Param[]} output_params
 * @property {Intent[]} intents
 * @property {JsonObject | null} routing
 *
 * @typedef {object} ConfigParam
 * @property {string} key
 * @property {string} description
 * @property {string} type
 * @property {boolean} required
 * @property {string | null} default
 * @property {boolean} secret
 *
 * @typedef {object} Agent
 * @property {string} name
 * @property {string} version
 * @property {string} description
 * @property {string} permission
 * @property {string[]} stages
 * @property {string} address
 * @property {string} tenant_id
 * @property {string} instance_id
 * @property {Action[]} actions
 * @property {ConfigParam[]} config_params
 * @property {{name: string, description: string, content: string}[]} prompt_templates
 * @property {Intent[]} intents
 * @property {{name: string, description: string, parameters: Schema}[]} model_view
 *
 * @typedef {object} TimeRange
 * @property {number} start_epoch_ms
 * @property {number} end_epoch_ms
 * @property {string} timezone
 * @property {string} original_expression
 *
 * @typedef {object} Partial
 * @property {string} execution_id
 * @property {number} at
 * @property {Json} json
 * @property {number | null} progress from 0 to 1
 * @property {string | null} message
 *
 * @typedef {object} Callback
 * @property {string} method
 * @property {number} at_ms since the start of the execution
 * @property {number | null} duration_ms
 * @property {Json} request
 * @property {Json} response
 * @property {string | null} error
 * @property {boolean} [shared] whether it may belong to another execution that ran at that time
 *
 * @typedef {{json: string, protobuf: string}} WireMessage the protobuf is written as hexadecimal
 *
 * @typedef {object} Execution
 * @property {string} id
 * @property {string} action
 * @property {JsonObject} params
 * @property {TimeRange | null} time_range
 * @property {string} encoding
 * @property {string} mode
 * @property {number} started_at
 * @property {number | null} duration_ms
 * @property {"running" | "succeeded" | "failed" | "cancelled" | "unreachable"} status
 * @property {{[key: string]: string} | null} output
 * @property {Json} result
 * @property {boolean} [result_omitted] whether the result is only with the execution itself
 * @property {number} [timeout_s]
 * @property {string[]} logs
 * @property {string | null} error
 * @property {Callback[]} callbacks
 * @property {number} [callbacks_omitted]
 * @property {Partial[]} partials
 * @property {{request: WireMessage, response: WireMessage | null}} [wire]
 *
 * @typedef {object} Approval
 * @property {string} id
 * @property {string} execution_id
 * @property {string} description
 * @property {string} permission
 * @property {JsonObject} context
 * @property {JsonObject | null} blast_radius
 * @property {number} asked_at
 * @property {number} timeout_s
 * @property {null | "granted" | "denied" | "timed_out" | "withdrawn"} decision
 * @property {string} comment
 * @property {string} [reviewer]
 *
 * @typedef {object} Log
 * @property {number} at
 * @property {string} level
 * @property {string} logger
 * @property {string} text
 * @property {JsonObject} fields
 * @property {string | null} execution_id
 *
 * @typedef {{at: number, execution_id: string, fields: JsonObject}} AgentEvent
 * @typedef {{key: string, value: string, expires_at: number | null}} CacheEntry
 * @typedef {{healthy: boolean, message: string, details?: {[name: string]: string},
 *   checked_at: number}} Health
 *
 * @typedef {object} Reload
 * @property {"starting" | "running" | "failed" | "stopped"} status
 * @property {number} count
 * @property {string | null} error
 * @property {number} changed_at
 *
 * @typedef {object} State
 * @property {string} target
 * @property {string} sdk_version
 * @property {string} engine_address
 * @property {Reload} reload
 * @property {Agent | null} agent
 * @property {Health | null} health
 * @property {{values: JsonObject, version: number}} config
 * @property {CacheEntry[]} cache
 * @property {Approval[]} approvals
 * @property {Execution[]} executions newest first
 * @property {Log[]} logs oldest first
 * @property {AgentEvent[]} events
 * @property {string[]} violations
 *
 * @typedef {object} Call what the user asks for
 * @property {string} action
 * @property {JsonObject} params
 * @property {TimeRange | null} time_range
 * @property {string} encoding
 * @property {string} mode
 * @property {number} timeout_s
 *
 * @typedef {object} Desk what every view works with
 * @property {import("./store.js").Store} store
 * @property {import("./api.js").Api} api
 * @property {import("./base/announcer.js").Announcer} announcer
 * @property {(call: Call) => void} repeat fills the action's form, and runs it
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {string} title
 * @property {(...parameters: string[]) => void} [show] called with the parts of the address
 * @property {() => void} [hide]
 */

export {};
