package main

import (
	"fmt"
	"regexp"
)

const (
	permissionRead = 1
	routingVersion = "mirastack.routing_semantics/v1"
	longestDomain  = 128
	longestUseCase = 256
	mostDomains    = 64
)

var domain = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$`)

// violation says which of the rules for registrations an agent breaks, or nothing.
func (added *registration) violation() string {
	if len(added.Schema.Actions) == 0 {
		return "the agent has no actions"
	}
	for _, actions := range [][]ActionDef{added.Schema.Actions, added.Info.Actions} {
		for _, action := range actions {
			if problem := action.violation(); problem != "" {
				return fmt.Sprintf("action %q: %s", action.ID, problem)
			}
		}
	}
	return ""
}

func (action ActionDef) violation() string {
	routing := action.RoutingSemantics
	domains := append([]string{routing.CapabilityDomain}, routing.AcceptedIntentDomains...)
	domains = append(domains, routing.SignalDomains...)
	domains = append(domains, routing.BackendDomains...)
	domains = append(domains, routing.EntityTypes...)
	switch {
	case len(action.Stages) == 0:
		return "no stages"
	case routing.SchemaVersion != routingVersion:
		return fmt.Sprintf("routing_semantics of version %q", routing.SchemaVersion)
	case len(routing.AcceptedIntentDomains) == 0 || len(routing.AcceptedIntentDomains) > mostDomains:
		return fmt.Sprintf("%d accepted_intent_domains", len(routing.AcceptedIntentDomains))
	case len(routing.PositiveUseCases) == 0:
		return "no positive_use_cases"
	}
	for _, name := range domains {
		if len(name) > longestDomain || !domain.MatchString(name) {
			return fmt.Sprintf("%q is no domain", name)
		}
	}
	for _, text := range append(routing.PositiveUseCases, routing.NegativeUseCases...) {
		if len([]rune(text)) > longestUseCase {
			return "a use case is too long"
		}
	}
	return ""
}
