-- Leaves the replicas to the member where the label asks for that, as Karmada does for Deployments.
function Retain(desired, observed)
  local labels = desired.metadata.labels
  if labels ~= nil and labels["resourcetemplate.karmada.io/retain-replicas"] == "true" then
    desired.spec.replicas = observed.spec.replicas
  end
  return desired
end
