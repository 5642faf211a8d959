with

landed as (

    select * from {{ source('music_api', 'listen_history') }}

)

select * from landed
