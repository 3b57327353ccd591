local kube = require("kube")

-- How many replicas a SpinApp wants, and what each of them needs. Where autoscalers on the members set the replicas,
-- there are none to divide, and nothing is said of what they need: no replicas that need something go to no member.
function GetReplicas(app)
  if app.spec.replicas == nil or app.spec.enableAutoscaling then
    return 0, nil
  end
  local pod = { spec = { containers = { { name = app.metadata.name, resources = app.spec.resources } } } }
  return app.spec.replicas, kube.accuratePodRequirements(pod)
end
