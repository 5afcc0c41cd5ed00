from events.vocabulary import Service
from services.common.worker.main import run
from services.addons.tasks import TASKS

run(Service.ADDONS, TASKS)
