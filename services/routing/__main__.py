from events.vocabulary import Service
from services.common.settings import read
from services.common.worker.main import run
from services.routing.tasks import Settings, tasks

run(Service.ROUTING, tasks(read(Settings)))
