// Made by tests/golden/make_fixtures.py from the proto; do not edit.

// Package omitempty holds the contract's messages as Go structs.
package omitempty

type IntentPattern struct {
	Pattern     string  `json:"pattern,omitempty"`
	Confidence  float32 `json:"confidence,omitempty"`
	Description string  `json:"description,omitempty"`
	Priority    int32   `json:"priority,omitempty"`
}

type RoutingSemantics struct {
	SchemaVersion         string   `json:"schema_version,omitempty"`
	AcceptedIntentDomains []string `json:"accepted_intent_domains,omitempty"`
	CapabilityDomain      string   `json:"capability_domain,omitempty"`
	PositiveUseCases      []string `json:"positive_use_cases,omitempty"`
	NegativeUseCases      []string `json:"negative_use_cases,omitempty"`
	SignalDomains         []string `json:"signal_domains,omitempty"`
	BackendDomains        []string `json:"backend_domains,omitempty"`
	EntityTypes           []string `json:"entity_types,omitempty"`
}

type ActionDef struct {
	Id               string            `json:"id,omitempty"`
	Description      string            `json:"description,omitempty"`
	Permission       int32             `json:"permission,omitempty"`
	Stages           []int32           `json:"stages,omitempty"`
	Intents          []IntentPattern   `json:"intents,omitempty"`
	InputParams      []byte            `json:"input_params,omitempty"`
	OutputParams     []byte            `json:"output_params,omitempty"`
	RoutingSemantics *RoutingSemantics `json:"routing_semantics,omitempty"`
}

type ConfigParamSchema struct {
	Key         string `json:"key,omitempty"`
	Type        string `json:"type,omitempty"`
	Required    bool   `json:"required,omitempty"`
	Default     string `json:"default,omitempty"`
	Description string `json:"description,omitempty"`
	IsSecret    bool   `json:"is_secret,omitempty"`
}

type PromptTemplateDef struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Content     string `json:"content,omitempty"`
}

type TimeRange struct {
	StartEpochMs       int64  `json:"start_epoch_ms,omitempty"`
	EndEpochMs         int64  `json:"end_epoch_ms,omitempty"`
	Timezone           string `json:"timezone,omitempty"`
	OriginalExpression string `json:"original_expression,omitempty"`
}

type LicenseContext struct {
	Active        bool           `json:"active,omitempty"`
	EffectiveTier string         `json:"effective_tier,omitempty"`
	IssuedTier    string         `json:"issued_tier,omitempty"`
	GraceMode     bool           `json:"grace_mode,omitempty"`
	ExpiresAt     int64          `json:"expires_at,omitempty"`
	OrgId         string         `json:"org_id,omitempty"`
	SiteId        string         `json:"site_id,omitempty"`
	Region        string         `json:"region,omitempty"`
	RegionKind    string         `json:"region_kind,omitempty"`
	Quotas        *LicenseQuotas `json:"quotas,omitempty"`
}

type LicenseQuotas struct {
	MaxTenants               int64 `json:"max_tenants,omitempty"`
	MaxIntegrationTypes      int64 `json:"max_integration_types,omitempty"`
	MaxAgenticSessionsPerDay int64 `json:"max_agentic_sessions_per_day,omitempty"`
}

type BlastRadius struct {
	ResourceType   string   `json:"resource_type,omitempty"`
	Resources      []string `json:"resources,omitempty"`
	Scope          string   `json:"scope,omitempty"`
	Reversible     bool     `json:"reversible,omitempty"`
	EstimatedCount int32    `json:"estimated_count,omitempty"`
	Regions        []string `json:"regions,omitempty"`
	Summary        string   `json:"summary,omitempty"`
}

type KPI struct {
	Id            string `json:"id,omitempty"`
	TenantId      string `json:"tenant_id,omitempty"`
	Name          string `json:"name,omitempty"`
	Query         string `json:"query,omitempty"`
	IntegrationId string `json:"integration_id,omitempty"`
	Kind          string `json:"kind,omitempty"`
	Layer         string `json:"layer,omitempty"`
	Sentiment     string `json:"sentiment,omitempty"`
	Classifier    string `json:"classifier,omitempty"`
	Definition    string `json:"definition,omitempty"`
	CreatedAt     int64  `json:"created_at,omitempty"`
	UpdatedAt     int64  `json:"updated_at,omitempty"`
	CreatedBy     string `json:"created_by,omitempty"`
	UpdatedBy     string `json:"updated_by,omitempty"`
}

type InfoRequest struct {
}

type InfoResponse struct {
	Name            string              `json:"name,omitempty"`
	Version         string              `json:"version,omitempty"`
	Description     string              `json:"description,omitempty"`
	Type            int32               `json:"type,omitempty"`
	Permission      int32               `json:"permission,omitempty"`
	DevopsStages    []int32             `json:"devops_stages,omitempty"`
	DefaultIntents  []IntentPattern     `json:"default_intents,omitempty"`
	Actions         []ActionDef         `json:"actions,omitempty"`
	PromptTemplates []PromptTemplateDef `json:"prompt_templates,omitempty"`
	ConfigSchema    []ConfigParamSchema `json:"config_schema,omitempty"`
	Metadata        map[string]string   `json:"metadata,omitempty"`
	InstanceId      string              `json:"instance_id,omitempty"`
}

type GetSchemaRequest struct {
}

type GetSchemaResponse struct {
	ParamsJsonSchema []byte      `json:"params_json_schema,omitempty"`
	ResultJsonSchema []byte      `json:"result_json_schema,omitempty"`
	Actions          []ActionDef `json:"actions,omitempty"`
}

type ExecuteRequest struct {
	ExecutionId   string            `json:"execution_id,omitempty"`
	StepId        string            `json:"step_id,omitempty"`
	ActionId      string            `json:"action_id,omitempty"`
	ParamsJson    []byte            `json:"params_json,omitempty"`
	ExecutionMode int32             `json:"execution_mode,omitempty"`
	Context       map[string]string `json:"context,omitempty"`
	TimeRange     *TimeRange        `json:"time_range,omitempty"`
	TenantId      string            `json:"tenant_id,omitempty"`
	WorkflowId    string            `json:"workflow_id,omitempty"`
}

type ExecuteResponse struct {
	Success    bool     `json:"success,omitempty"`
	ResultJson []byte   `json:"result_json,omitempty"`
	Error      string   `json:"error,omitempty"`
	DurationMs int64    `json:"duration_ms,omitempty"`
	Logs       []string `json:"logs,omitempty"`
}

type HealthCheckRequest struct {
}

type HealthCheckResponse struct {
	Healthy bool              `json:"healthy,omitempty"`
	Message string            `json:"message,omitempty"`
	Details map[string]string `json:"details,omitempty"`
}

type ConfigUpdatedRequest struct {
	Config  map[string]string `json:"config,omitempty"`
	Version int64             `json:"version,omitempty"`
}

type ConfigUpdatedResponse struct {
	Acknowledged bool   `json:"acknowledged,omitempty"`
	Error        string `json:"error,omitempty"`
}

type GetConfigRequest struct {
	PluginName string `json:"plugin_name,omitempty"`
	TenantId   string `json:"tenant_id,omitempty"`
}

type GetConfigResponse struct {
	Config  map[string]string `json:"config,omitempty"`
	Version int64             `json:"version,omitempty"`
}

type CacheGetRequest struct {
	Key      string `json:"key,omitempty"`
	TenantId string `json:"tenant_id,omitempty"`
}

type CacheGetResponse struct {
	Value []byte `json:"value,omitempty"`
	Found bool   `json:"found,omitempty"`
}

type CacheGetBatchRequest struct {
	Keys     []string `json:"keys,omitempty"`
	TenantId string   `json:"tenant_id,omitempty"`
}

type CacheGetBatchEntry struct {
	Key   string `json:"key,omitempty"`
	Value []byte `json:"value,omitempty"`
	Found bool   `json:"found,omitempty"`
}

type CacheGetBatchResponse struct {
	Entries []CacheGetBatchEntry `json:"entries,omitempty"`
}

type CacheSetRequest struct {
	Key        string `json:"key,omitempty"`
	Value      []byte `json:"value,omitempty"`
	TtlSeconds int64  `json:"ttl_seconds,omitempty"`
	TenantId   string `json:"tenant_id,omitempty"`
}

type CacheSetResponse struct {
	Success bool `json:"success,omitempty"`
}

type PublishResultRequest struct {
	ExecutionId string `json:"execution_id,omitempty"`
	StepId      string `json:"step_id,omitempty"`
	ResultJson  []byte `json:"result_json,omitempty"`
	Success     bool   `json:"success,omitempty"`
	Error       string `json:"error,omitempty"`
	TenantId    string `json:"tenant_id,omitempty"`
}

type PublishResultResponse struct {
	Acknowledged bool `json:"acknowledged,omitempty"`
}

type RequestApprovalRequest struct {
	ExecutionId        string       `json:"execution_id,omitempty"`
	StepId             string       `json:"step_id,omitempty"`
	Description        string       `json:"description,omitempty"`
	RequiredPermission int32        `json:"required_permission,omitempty"`
	ContextJson        []byte       `json:"context_json,omitempty"`
	TimeoutSeconds     int32        `json:"timeout_seconds,omitempty"`
	TenantId           string       `json:"tenant_id,omitempty"`
	BlastRadius        *BlastRadius `json:"blast_radius,omitempty"`
}

type RequestApprovalResponse struct {
	Approved bool   `json:"approved,omitempty"`
	TimedOut bool   `json:"timed_out,omitempty"`
	Reviewer string `json:"reviewer,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type LogEventRequest struct {
	PluginName string `json:"plugin_name,omitempty"`
	EventType  string `json:"event_type,omitempty"`
	DataJson   []byte `json:"data_json,omitempty"`
	Severity   string `json:"severity,omitempty"`
	TenantId   string `json:"tenant_id,omitempty"`
}

type LogEventResponse struct {
	Acknowledged bool `json:"acknowledged,omitempty"`
}

type CallPluginRequest struct {
	CallerPlugin   string     `json:"caller_plugin,omitempty"`
	TargetPlugin   string     `json:"target_plugin,omitempty"`
	ActionId       string     `json:"action_id,omitempty"`
	ParamsJson     []byte     `json:"params_json,omitempty"`
	TimeoutSeconds int32      `json:"timeout_seconds,omitempty"`
	TimeRange      *TimeRange `json:"time_range,omitempty"`
	TenantId       string     `json:"tenant_id,omitempty"`
}

type CallPluginResponse struct {
	Success    bool   `json:"success,omitempty"`
	ResultJson []byte `json:"result_json,omitempty"`
	Error      string `json:"error,omitempty"`
	DurationMs int64  `json:"duration_ms,omitempty"`
}

type ListKPIsRequest struct {
	TenantId string `json:"tenant_id,omitempty"`
	Kind     string `json:"kind,omitempty"`
	Layer    string `json:"layer,omitempty"`
}

type ListKPIsResponse struct {
	Kpis []KPI `json:"kpis,omitempty"`
}

type GetKPIRequest struct {
	TenantId string `json:"tenant_id,omitempty"`
	KpiId    string `json:"kpi_id,omitempty"`
}

type GetKPIResponse struct {
	Kpi *KPI `json:"kpi,omitempty"`
}

type RegisterPluginRequest struct {
	Name       string `json:"name,omitempty"`
	Version    string `json:"version,omitempty"`
	GrpcAddr   string `json:"grpc_addr,omitempty"`
	PluginType int32  `json:"plugin_type,omitempty"`
	InstanceId string `json:"instance_id,omitempty"`
	TenantId   string `json:"tenant_id,omitempty"`
}

type RegisterPluginResponse struct {
	Success  bool            `json:"success,omitempty"`
	PluginId string          `json:"plugin_id,omitempty"`
	Error    string          `json:"error,omitempty"`
	License  *LicenseContext `json:"license,omitempty"`
}

type DeregisterPluginRequest struct {
	Name       string `json:"name,omitempty"`
	InstanceId string `json:"instance_id,omitempty"`
}

type DeregisterPluginResponse struct {
	Acknowledged bool `json:"acknowledged,omitempty"`
}

type HeartbeatRequest struct {
	Name       string `json:"name,omitempty"`
	InstanceId string `json:"instance_id,omitempty"`
}

type HeartbeatResponse struct {
	Acknowledged             bool            `json:"acknowledged,omitempty"`
	ReRegisterRequired       bool            `json:"re_register_required,omitempty"`
	HeartbeatIntervalSeconds int32           `json:"heartbeat_interval_seconds,omitempty"`
	License                  *LicenseContext `json:"license,omitempty"`
}

type Part struct {
	Name   string `json:"name,omitempty"`
	Within *Part  `json:"within,omitempty"`
}

type Numbers struct {
	ABool     bool    `json:"a_bool,omitempty"`
	AnInt32   int32   `json:"an_int32,omitempty"`
	AnInt64   int64   `json:"an_int64,omitempty"`
	AUint32   uint32  `json:"a_uint32,omitempty"`
	AUint64   uint64  `json:"a_uint64,omitempty"`
	ASint32   int32   `json:"a_sint32,omitempty"`
	ASint64   int64   `json:"a_sint64,omitempty"`
	AFixed32  uint32  `json:"a_fixed32,omitempty"`
	AFixed64  uint64  `json:"a_fixed64,omitempty"`
	ASfixed32 int32   `json:"a_sfixed32,omitempty"`
	ASfixed64 int64   `json:"a_sfixed64,omitempty"`
	AFloat    float32 `json:"a_float,omitempty"`
	ADouble   float64 `json:"a_double,omitempty"`
	AColour   int32   `json:"a_colour,omitempty"`
}

type Optionals struct {
	ABool   *bool    `json:"a_bool,omitempty"`
	AnInt64 *int64   `json:"an_int64,omitempty"`
	AUint32 *uint32  `json:"a_uint32,omitempty"`
	ADouble *float64 `json:"a_double,omitempty"`
	AString *string  `json:"a_string,omitempty"`
	AColour *int32   `json:"a_colour,omitempty"`
	APart   *Part    `json:"a_part,omitempty"`
}

type Lists struct {
	Bools   []bool    `json:"bools,omitempty"`
	Numbers []uint64  `json:"numbers,omitempty"`
	Doubles []float64 `json:"doubles,omitempty"`
	Strings []string  `json:"strings,omitempty"`
	Data    [][]byte  `json:"data,omitempty"`
	Colours []int32   `json:"colours,omitempty"`
	Parts   []Part    `json:"parts,omitempty"`
}

type Maps struct {
	Numbers map[string]int64   `json:"numbers,omitempty"`
	Data    map[string][]byte  `json:"data,omitempty"`
	Bools   map[string]bool    `json:"bools,omitempty"`
	Doubles map[string]float64 `json:"doubles,omitempty"`
	Colours map[string]int32   `json:"colours,omitempty"`
	Parts   map[string]*Part   `json:"parts,omitempty"`
}

// New returns a pointer to an empty message.
func New(name string) any {
	switch name {
	case "IntentPattern":
		return &IntentPattern{}
	case "RoutingSemantics":
		return &RoutingSemantics{}
	case "ActionDef":
		return &ActionDef{}
	case "ConfigParamSchema":
		return &ConfigParamSchema{}
	case "PromptTemplateDef":
		return &PromptTemplateDef{}
	case "TimeRange":
		return &TimeRange{}
	case "LicenseContext":
		return &LicenseContext{}
	case "LicenseQuotas":
		return &LicenseQuotas{}
	case "BlastRadius":
		return &BlastRadius{}
	case "KPI":
		return &KPI{}
	case "InfoRequest":
		return &InfoRequest{}
	case "InfoResponse":
		return &InfoResponse{}
	case "GetSchemaRequest":
		return &GetSchemaRequest{}
	case "GetSchemaResponse":
		return &GetSchemaResponse{}
	case "ExecuteRequest":
		return &ExecuteRequest{}
	case "ExecuteResponse":
		return &ExecuteResponse{}
	case "HealthCheckRequest":
		return &HealthCheckRequest{}
	case "HealthCheckResponse":
		return &HealthCheckResponse{}
	case "ConfigUpdatedRequest":
		return &ConfigUpdatedRequest{}
	case "ConfigUpdatedResponse":
		return &ConfigUpdatedResponse{}
	case "GetConfigRequest":
		return &GetConfigRequest{}
	case "GetConfigResponse":
		return &GetConfigResponse{}
	case "CacheGetRequest":
		return &CacheGetRequest{}
	case "CacheGetResponse":
		return &CacheGetResponse{}
	case "CacheGetBatchRequest":
		return &CacheGetBatchRequest{}
	case "CacheGetBatchEntry":
		return &CacheGetBatchEntry{}
	case "CacheGetBatchResponse":
		return &CacheGetBatchResponse{}
	case "CacheSetRequest":
		return &CacheSetRequest{}
	case "CacheSetResponse":
		return &CacheSetResponse{}
	case "PublishResultRequest":
		return &PublishResultRequest{}
	case "PublishResultResponse":
		return &PublishResultResponse{}
	case "RequestApprovalRequest":
		return &RequestApprovalRequest{}
	case "RequestApprovalResponse":
		return &RequestApprovalResponse{}
	case "LogEventRequest":
		return &LogEventRequest{}
	case "LogEventResponse":
		return &LogEventResponse{}
	case "CallPluginRequest":
		return &CallPluginRequest{}
	case "CallPluginResponse":
		return &CallPluginResponse{}
	case "ListKPIsRequest":
		return &ListKPIsRequest{}
	case "ListKPIsResponse":
		return &ListKPIsResponse{}
	case "GetKPIRequest":
		return &GetKPIRequest{}
	case "GetKPIResponse":
		return &GetKPIResponse{}
	case "RegisterPluginRequest":
		return &RegisterPluginRequest{}
	case "RegisterPluginResponse":
		return &RegisterPluginResponse{}
	case "DeregisterPluginRequest":
		return &DeregisterPluginRequest{}
	case "DeregisterPluginResponse":
		return &DeregisterPluginResponse{}
	case "HeartbeatRequest":
		return &HeartbeatRequest{}
	case "HeartbeatResponse":
		return &HeartbeatResponse{}
	case "Part":
		return &Part{}
	case "Numbers":
		return &Numbers{}
	case "Optionals":
		return &Optionals{}
	case "Lists":
		return &Lists{}
	case "Maps":
		return &Maps{}
	}
	panic("no message " + name)
}
