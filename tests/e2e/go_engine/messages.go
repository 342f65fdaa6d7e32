package main

// The messages of the contract as plain structs, named as in the proto. encoding/json writes every
// field of them, `null` for slices, maps and messages that are not set.

type IntentPattern struct {
	Pattern     string  `json:"pattern"`
	Confidence  float32 `json:"confidence"`
	Description string  `json:"description"`
	Priority    int32   `json:"priority"`
}

type RoutingSemantics struct {
	SchemaVersion         string   `json:"schema_version"`
	AcceptedIntentDomains []string `json:"accepted_intent_domains"`
	CapabilityDomain      string   `json:"capability_domain"`
	PositiveUseCases      []string `json:"positive_use_cases"`
	NegativeUseCases      []string `json:"negative_use_cases"`
	SignalDomains         []string `json:"signal_domains"`
	BackendDomains        []string `json:"backend_domains"`
	EntityTypes           []string `json:"entity_types"`
}

type ActionDef struct {
	ID               string           `json:"id"`
	Description      string           `json:"description"`
	Permission       int32            `json:"permission"`
	Stages           []int32          `json:"stages"`
	Intents          []IntentPattern  `json:"intents"`
	InputParams      []byte           `json:"input_params"`
	OutputParams     []byte           `json:"output_params"`
	RoutingSemantics RoutingSemantics `json:"routing_semantics"`
}

type ConfigParamSchema struct {
	Key         string `json:"key"`
	Type        string `json:"type"`
	Required    bool   `json:"required"`
	Default     string `json:"default"`
	Description string `json:"description"`
	IsSecret    bool   `json:"is_secret"`
}

type PromptTemplateDef struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Content     string `json:"content"`
}

type TimeRange struct {
	StartEpochMs       int64  `json:"start_epoch_ms"`
	EndEpochMs         int64  `json:"end_epoch_ms"`
	Timezone           string `json:"timezone"`
	OriginalExpression string `json:"original_expression"`
}

type LicenseQuotas struct {
	MaxTenants               int64 `json:"max_tenants"`
	MaxIntegrationTypes      int64 `json:"max_integration_types"`
	MaxAgenticSessionsPerDay int64 `json:"max_agentic_sessions_per_day"`
}

type LicenseContext struct {
	Active        bool           `json:"active"`
	EffectiveTier string         `json:"effective_tier"`
	IssuedTier    string         `json:"issued_tier"`
	GraceMode     bool           `json:"grace_mode"`
	ExpiresAt     int64          `json:"expires_at"`
	OrgID         string         `json:"org_id"`
	SiteID        string         `json:"site_id"`
	Region        string         `json:"region"`
	RegionKind    string         `json:"region_kind"`
	Quotas        *LicenseQuotas `json:"quotas"`
}

type BlastRadius struct {
	ResourceType   string   `json:"resource_type"`
	Resources      []string `json:"resources"`
	Scope          string   `json:"scope"`
	Reversible     bool     `json:"reversible"`
	EstimatedCount int32    `json:"estimated_count"`
	Regions        []string `json:"regions"`
	Summary        string   `json:"summary"`
}

type KPI struct {
	ID            string `json:"id"`
	TenantID      string `json:"tenant_id"`
	Name          string `json:"name"`
	Query         string `json:"query"`
	IntegrationID string `json:"integration_id"`
	Kind          string `json:"kind"`
	Layer         string `json:"layer"`
	Sentiment     string `json:"sentiment"`
	Classifier    string `json:"classifier"`
	Definition    string `json:"definition"`
	CreatedAt     int64  `json:"created_at"`
	UpdatedAt     int64  `json:"updated_at"`
	CreatedBy     string `json:"created_by"`
	UpdatedBy     string `json:"updated_by"`
}

// What an agent serves.

type InfoRequest struct{}

type InfoResponse struct {
	Name            string              `json:"name"`
	Version         string              `json:"version"`
	Description     string              `json:"description"`
	Type            int32               `json:"type"`
	Permission      int32               `json:"permission"`
	DevopsStages    []int32             `json:"devops_stages"`
	DefaultIntents  []IntentPattern     `json:"default_intents"`
	Actions         []ActionDef         `json:"actions"`
	PromptTemplates []PromptTemplateDef `json:"prompt_templates"`
	ConfigSchema    []ConfigParamSchema `json:"config_schema"`
	Metadata        map[string]string   `json:"metadata"`
	InstanceID      string              `json:"instance_id"`
}

type GetSchemaRequest struct{}

type GetSchemaResponse struct {
	ParamsJSONSchema []byte      `json:"params_json_schema"`
	ResultJSONSchema []byte      `json:"result_json_schema"`
	Actions          []ActionDef `json:"actions"`
}

type ExecuteRequest struct {
	ExecutionID   string            `json:"execution_id"`
	StepID        string            `json:"step_id"`
	ActionID      string            `json:"action_id"`
	ParamsJSON    []byte            `json:"params_json"`
	ExecutionMode int32             `json:"execution_mode"`
	Context       map[string]string `json:"context"`
	TimeRange     *TimeRange        `json:"time_range"`
	TenantID      string            `json:"tenant_id"`
	WorkflowID    string            `json:"workflow_id"`
}

// sparseExecuteRequest is ExecuteRequest by an engine that leaves out what is not set.
type sparseExecuteRequest struct {
	ExecutionID   string            `json:"execution_id,omitempty"`
	StepID        string            `json:"step_id,omitempty"`
	ActionID      string            `json:"action_id,omitempty"`
	ParamsJSON    []byte            `json:"params_json,omitempty"`
	ExecutionMode int32             `json:"execution_mode,omitempty"`
	Context       map[string]string `json:"context,omitempty"`
	TimeRange     *TimeRange        `json:"time_range,omitempty"`
	TenantID      string            `json:"tenant_id,omitempty"`
	WorkflowID    string            `json:"workflow_id,omitempty"`
}

// ExecuteResponse has no logs: the engines of today drop them.
type ExecuteResponse struct {
	Success    bool   `json:"success"`
	ResultJSON []byte `json:"result_json"`
	Error      string `json:"error"`
	DurationMs int64  `json:"duration_ms"`
}

type HealthCheckRequest struct{}

type HealthCheckResponse struct {
	Healthy bool              `json:"healthy"`
	Message string            `json:"message"`
	Details map[string]string `json:"details"`
}

type ConfigUpdatedRequest struct {
	Config  map[string]string `json:"config"`
	Version int64             `json:"version"`
}

type ConfigUpdatedResponse struct {
	Acknowledged bool   `json:"acknowledged"`
	Error        string `json:"error"`
}

// What the engine serves.

type GetConfigRequest struct {
	PluginName string `json:"plugin_name"`
	TenantID   string `json:"tenant_id"`
}

type GetConfigResponse struct {
	Config  map[string]string `json:"config"`
	Version int64             `json:"version"`
}

type CacheGetRequest struct {
	Key      string `json:"key"`
	TenantID string `json:"tenant_id"`
}

type CacheGetResponse struct {
	Value []byte `json:"value"`
	Found bool   `json:"found"`
}

type CacheGetBatchRequest struct {
	Keys     []string `json:"keys"`
	TenantID string   `json:"tenant_id"`
}

type CacheGetBatchEntry struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
	Found bool   `json:"found"`
}

type CacheGetBatchResponse struct {
	Entries []CacheGetBatchEntry `json:"entries"`
}

type CacheSetRequest struct {
	Key        string `json:"key"`
	Value      []byte `json:"value"`
	TTLSeconds int64  `json:"ttl_seconds"`
	TenantID   string `json:"tenant_id"`
}

type CacheSetResponse struct {
	Success bool `json:"success"`
}

type PublishResultRequest struct {
	ExecutionID string `json:"execution_id"`
	StepID      string `json:"step_id"`
	ResultJSON  []byte `json:"result_json"`
	Success     bool   `json:"success"`
	Error       string `json:"error"`
	TenantID    string `json:"tenant_id"`
}

type PublishResultResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type RequestApprovalRequest struct {
	ExecutionID        string       `json:"execution_id"`
	StepID             string       `json:"step_id"`
	Description        string       `json:"description"`
	RequiredPermission int32        `json:"required_permission"`
	ContextJSON        []byte       `json:"context_json"`
	TimeoutSeconds     int32        `json:"timeout_seconds"`
	TenantID           string       `json:"tenant_id"`
	BlastRadius        *BlastRadius `json:"blast_radius"`
}

type RequestApprovalResponse struct {
	Approved bool   `json:"approved"`
	TimedOut bool   `json:"timed_out"`
	Reviewer string `json:"reviewer"`
	Comment  string `json:"comment"`
}

type LogEventRequest struct {
	PluginName string `json:"plugin_name"`
	EventType  string `json:"event_type"`
	DataJSON   []byte `json:"data_json"`
	Severity   string `json:"severity"`
	TenantID   string `json:"tenant_id"`
}

type LogEventResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type CallPluginRequest struct {
	CallerPlugin   string     `json:"caller_plugin"`
	TargetPlugin   string     `json:"target_plugin"`
	ActionID       string     `json:"action_id"`
	ParamsJSON     []byte     `json:"params_json"`
	TimeoutSeconds int32      `json:"timeout_seconds"`
	TimeRange      *TimeRange `json:"time_range"`
	TenantID       string     `json:"tenant_id"`
}

type CallPluginResponse struct {
	Success    bool   `json:"success"`
	ResultJSON []byte `json:"result_json"`
	Error      string `json:"error"`
	DurationMs int64  `json:"duration_ms"`
}

type ListKPIsRequest struct {
	TenantID string `json:"tenant_id"`
	Kind     string `json:"kind"`
	Layer    string `json:"layer"`
}

type ListKPIsResponse struct {
	KPIs []KPI `json:"kpis"`
}

type GetKPIRequest struct {
	TenantID string `json:"tenant_id"`
	KPIID    string `json:"kpi_id"`
}

type GetKPIResponse struct {
	KPI *KPI `json:"kpi"`
}

type RegisterPluginRequest struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	GrpcAddr   string `json:"grpc_addr"`
	PluginType int32  `json:"plugin_type"`
	InstanceID string `json:"instance_id"`
	TenantID   string `json:"tenant_id"`
}

type RegisterPluginResponse struct {
	Success  bool            `json:"success"`
	PluginID string          `json:"plugin_id"`
	Error    string          `json:"error"`
	License  *LicenseContext `json:"license"`
}

type DeregisterPluginRequest struct {
	Name       string `json:"name"`
	InstanceID string `json:"instance_id"`
}

type DeregisterPluginResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type HeartbeatRequest struct {
	Name       string `json:"name"`
	InstanceID string `json:"instance_id"`
}

type HeartbeatResponse struct {
	Acknowledged             bool            `json:"acknowledged"`
	ReRegisterRequired       bool            `json:"re_register_required"`
	HeartbeatIntervalSeconds int32           `json:"heartbeat_interval_seconds"`
	License                  *LicenseContext `json:"license"`
}
